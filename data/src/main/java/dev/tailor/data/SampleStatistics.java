package dev.tailor.data;

/// The sizes of samples.
///
/// @param samples how many
/// @param characters characters in all, in UTF-16 units
/// @param shortest characters of the shortest sample
/// @param median characters of the middle sample
/// @param long95 characters that 95 of 100 samples do not exceed
/// @param longest characters of the longest sample
/// @param turns messages in all, those of both answers for preferences
/// @param mostTurns messages of the sample with the most
public record SampleStatistics(
        long samples,
        long characters,
        int shortest,
        int median,
        int long95,
        int longest,
        long turns,
        int mostTurns) {
    /// Characters of a sample on average.
    public double meanCharacters() {
        return samples == 0 ? 0 : (double) characters / samples;
    }
}
