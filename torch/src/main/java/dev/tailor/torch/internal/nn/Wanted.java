package dev.tailor.torch.internal.nn;

import java.util.ArrayList;
import java.util.List;

/// A row of a step whose logits are wanted.
///
/// @param row its place among all positions of the step
/// @param piece the number of its piece
/// @param position the token of the piece
record Wanted(int row, int piece, int position) {
    /// Those of pieces laid end to end.
    static List<Wanted> of(List<Piece> pieces) {
        List<Wanted> wanted = new ArrayList<>();
        int start = 0;
        for (int p = 0; p < pieces.size(); p++) {
            Piece piece = pieces.get(p);
            for (int t = piece.wantedFrom(); t < piece.length(); t++) {
                wanted.add(new Wanted(start + t, p, t));
            }
            start += piece.length();
        }
        return wanted;
    }
}
