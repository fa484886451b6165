/// The recipe: what a user asks for, read from YAML with every place remembered.
@NullMarked
package dev.tailor.workflow.recipe;

import org.jspecify.annotations.NullMarked;
