package dev.tailor.cli.command;

import dev.tailor.cli.terminal.Session;
import dev.tailor.workflow.recipe.RecipeSchema;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

/// `tailor schema`.
@Command(
        name = "schema",
        description = {
            "Print the JSON Schema of recipes, by which editors complete and check YAML.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  tailor schema > recipe.schema.json",
            "  # then, as the first line of a recipe:",
            "  # yaml-language-server: $schema=recipe.schema.json"
        })
public final class SchemaCommand implements Callable<Integer> {
    private final Session session;

    @Option(names = "--markdown", description = "Print tables of all keys for people instead.")
    private boolean markdown;

    /// Prints to the session's output.
    public SchemaCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.out().print(markdown ? RecipeSchema.markdown() : RecipeSchema.json());
        return 0;
    }
}
