package dev.tailor.workflow.recipe;

/// Recipes that several tests read.
final class Recipes {
    /// The example of the contract with outsiders.
    static final String CONTRACT =
            """
            tailor: 1
            name: energy-assistant
            seed: 42
            base: ./models/base
            data:
              manuals:   {path: "docs/**/*.{md,pdf,html,txt}", kind: text}
              questions: {path: qa.jsonl, kind: chat}
              choices:   {path: preferences.jsonl, kind: preference}
              holdout:   {path: holdout.jsonl, kind: chat}
            stages:
              - cpt:   {id: domain,   from: base,     data: manuals, tune: {spectrum: {top: 50}}, sequence-length: 512, epochs: 2, learning-rate: 2e-4}
              - merge: {id: domain2,  method: ties, base: base, parameters: {normalize: true},
                        models: [{model: domain, parameters: {density: 0.5, weight: 0.7}}, {model: ./models/instruct, parameters: {density: 0.5, weight: 0.5}}]}
              - sft:   {id: instruct, from: domain2,  data: questions, tune: {lora: {rank: 16}}, epochs: 3}
              - dpo:   {id: aligned,  from: instruct, data: choices, beta: 0.1, tune: {lora: {rank: 8}}}
              - eval:  {id: board,    models: [base, domain, instruct, aligned], tasks: [holdout, perplexity:manuals]}
              - gate:  {on: aligned,  require: {holdout.exact_match: ">= base + 0.2"}}
              - export: {from: aligned, gguf: q8_0}
            """;

    private Recipes() {}
}
