/// Models together with their tokenizers: what commands and evaluation ask.
@NullMarked
package dev.tailor.workflow.model;

import org.jspecify.annotations.NullMarked;
