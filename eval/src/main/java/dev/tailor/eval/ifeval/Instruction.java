package dev.tailor.eval.ifeval;

import dev.tailor.core.TailorException;
import dev.tailor.eval.internal.ifeval.Verifiers;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// An instruction whose following can be verified, such as `punctuation:no_comma` or
/// `length_constraints:number_words` with `{"relation": "at least", "num_words": 300}`. Safe for
/// use by several threads.
public final class Instruction {
    private final String id;
    private final Predicate<String> follows;

    private Instruction(String id, Predicate<String> follows) {
        this.id = id;
        this.follows = follows;
    }

    /// The 25 ids.
    public static List<String> ids() {
        return Verifiers.ids();
    }

    /// The instruction of that id with its arguments. Arguments that are null count as absent.
    ///
    /// @throws TailorException DATA_INVALID for an id that is not known, and for arguments that are
    ///   missing, wrong or unknown
    public static Instruction of(String id, Map<String, ? extends Object> arguments) {
        return new Instruction(id, Verifiers.of(id, arguments));
    }

    /// The id.
    public String id() {
        return id;
    }

    /// Whether a response follows the instruction, strictly and loosely.
    public Verdict verify(String response) {
        return verify(Response.of(response));
    }

    /// The same; a response to several instructions is taken apart only once.
    public Verdict verify(Response response) {
        return response.verdict(follows);
    }
}
