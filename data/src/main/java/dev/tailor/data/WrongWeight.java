package dev.tailor.data;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

/// The weights of a row cannot be meant as they are written. Unlike a [RejectedRow] this ends the
/// reading: who wrote one wrongly has written the others the same way, and a mask that is only
/// nearly right teaches what it should hide.
final class WrongWeight extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final String remedy;

    WrongWeight(String problem, String remedy) {
        super(problem, null, false, false);
        this.problem = problem;
        this.remedy = remedy;
    }

    /// The error for the reader of the data.
    TailorException at(Origin origin) {
        return TailorException.of(ErrorCode.DATA_INVALID, problem).at(origin).remedy(remedy);
    }
}
