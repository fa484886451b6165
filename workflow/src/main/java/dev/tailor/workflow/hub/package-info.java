/// Models of the Hugging Face Hub: its local cache, and fetching what is not there yet.
@NullMarked
package dev.tailor.workflow.hub;

import org.jspecify.annotations.NullMarked;
