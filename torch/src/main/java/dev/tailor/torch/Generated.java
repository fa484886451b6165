package dev.tailor.torch;

/// What was generated after one prompt: without the prompt, and without the stop token.
public record Generated(int[] tokens, FinishReason reason) {}
