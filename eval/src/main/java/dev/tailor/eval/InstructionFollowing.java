package dev.tailor.eval;

import dev.tailor.eval.ifeval.Verdict;
import dev.tailor.eval.ifeval.VerifiablePrompt;
import dev.tailor.text.Message;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// IFEval: whether a model follows instructions that a program can verify (Zhou et al. 2023). The
/// figures have lm-evaluation-harness's names:
///
/// - `prompt_level_strict_acc`: the share of prompts all of whose instructions are followed
/// - `inst_level_strict_acc`: the share of instructions that are followed
/// - `prompt_level_loose_acc`, `inst_level_loose_acc`: the same by the loose verdicts
///
/// The uncertainty of the instruction-level figures treats prompts as clusters.
///
/// @param name name of the task
/// @param prompts the prompts
/// @param decoding how answers are generated
public record InstructionFollowing(String name, List<VerifiablePrompt> prompts, Decoding decoding)
        implements Task {
    private static final int MOST_TOKENS = 1280;

    /// The task with the reference's decoding: greedy, at most 1,280 tokens.
    public InstructionFollowing(String name, List<VerifiablePrompt> prompts) {
        this(name, prompts, Decoding.greedy(MOST_TOKENS));
    }

    /// A prompt with its answer.
    public record Answered(VerifiablePrompt prompt, String answer) {}

    @Override
    public int size() {
        return prompts.size();
    }

    @Override
    public InstructionFollowing limited(int limit) {
        return new InstructionFollowing(
                name, prompts.subList(0, Math.min(limit, prompts.size())), decoding);
    }

    @Override
    public TaskResult evaluate(LanguageModel model, Watch watch) {
        long start = System.nanoTime();
        List<Answered> answered =
                new Batches(name, watch).map(prompts, batch -> answer(model, batch));
        return grade(name, answered, start);
    }

    private List<Answered> answer(LanguageModel model, List<VerifiablePrompt> batch) {
        List<Prompt> asked = new ArrayList<>();
        for (VerifiablePrompt prompt : batch) {
            asked.add(new Prompt.Chat(List.of(Message.of("user", prompt.prompt()))));
        }
        List<Completion> completions = model.generate(asked, decoding);
        List<Answered> answered = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            answered.add(new Answered(batch.get(i), completions.get(i).text()));
        }
        return answered;
    }

    /// The figures of answers made elsewhere.
    public static TaskResult grade(String name, List<Answered> answered) {
        return grade(name, answered, System.nanoTime());
    }

    private static TaskResult grade(String name, List<Answered> answered, long start) {
        int n = answered.size();
        double[] instructions = new double[n];
        double[] strict = new double[n];
        double[] loose = new double[n];
        double[] allStrict = new double[n];
        double[] allLoose = new double[n];
        List<GradedSample> samples = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            VerifiablePrompt prompt = answered.get(i).prompt();
            List<Verdict> verdicts = prompt.verify(answered.get(i).answer());
            instructions[i] = verdicts.size();
            strict[i] = verdicts.stream().filter(Verdict::strict).count();
            loose[i] = verdicts.stream().filter(Verdict::loose).count();
            allStrict[i] = strict[i] == instructions[i] ? 1 : 0;
            allLoose[i] = loose[i] == instructions[i] ? 1 : 0;
            Map<String, Double> values = byInstruction(prompt, verdicts);
            values.put("prompt_level_strict_acc", allStrict[i]);
            values.put("prompt_level_loose_acc", allLoose[i]);
            values.put("inst_level_strict_acc", strict[i] / instructions[i]);
            values.put("inst_level_loose_acc", loose[i] / instructions[i]);
            samples.add(
                    new GradedSample(
                            prompt.key(),
                            prompt.prompt(),
                            List.of(),
                            answered.get(i).answer(),
                            values));
        }
        List<Metric> metrics =
                List.of(
                        Metric.mean("prompt_level_strict_acc", allStrict, true),
                        Metric.share("inst_level_strict_acc", strict, instructions),
                        Metric.mean("prompt_level_loose_acc", allLoose, true),
                        Metric.share("inst_level_loose_acc", loose, instructions));
        return new TaskResult(name, metrics, samples, (System.nanoTime() - start) / 1e9);
    }

    /// `strict:ID` and `loose:ID` of each instruction; `#2` and so on for one that stands again.
    private static Map<String, Double> byInstruction(
            VerifiablePrompt prompt, List<Verdict> verdicts) {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < verdicts.size(); i++) {
            String id = prompt.instructions().get(i).id();
            String title = id;
            for (int again = 2; values.containsKey("strict:" + title); again++) {
                title = id + "#" + again;
            }
            values.put("strict:" + title, verdicts.get(i).strict() ? 1.0 : 0);
            values.put("loose:" + title, verdicts.get(i).loose() ? 1.0 : 0);
        }
        return values;
    }
}
