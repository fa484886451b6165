package dev.tailor.eval.harness;

import dev.tailor.core.Digest;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;

/// The samples of a task as JSON lines in the reference's shape: one line for each sample and
/// filter.
final class SampleLines {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SampleLines() {}

    static String of(HarnessResult result) {
        StringBuilder lines = new StringBuilder();
        for (GradedQuestion question : result.samples()) {
            for (Map.Entry<String, GradedQuestion.Graded> graded : question.graded().entrySet()) {
                lines.append(line(result.task(), question, graded.getKey(), graded.getValue()));
                lines.append('\n');
            }
        }
        return lines.toString();
    }

    private static ObjectNode line(
            TaskConfig task, GradedQuestion question, String filter, GradedQuestion.Graded graded) {
        ObjectNode line = JSON.createObjectNode();
        String doc = JSON.writeValueAsString(question.row().fields());
        line.put("doc_id", question.id());
        line.set("doc", JSON.readTree(doc));
        line.set("target", HarnessFiles.tree(question.target()));
        arguments(line.putObject("arguments"), task, question);
        replies(line, question, graded);
        line.put("filter", filter);
        ArrayNode metrics = line.putArray("metrics");
        graded.values().keySet().forEach(metrics::add);
        line.put("doc_hash", Digest.ofString(doc));
        line.put("prompt_hash", Digest.ofString(question.asked().getFirst().context()));
        line.put("target_hash", Digest.ofString(RowReader.python(question.target())));
        graded.values()
                .forEach((metric, value) -> {
                    if (value.length == 1) {
                        line.put(metric, value[0]);
                    } else {
                        line.set(metric, HarnessFiles.tree(value));
                    }
                });
        return line;
    }

    private static void arguments(ObjectNode arguments, TaskConfig task, GradedQuestion question) {
        for (int i = 0; i < question.asked().size(); i++) {
            GradedQuestion.Asked asked = question.asked().get(i);
            ObjectNode own = arguments.putObject("gen_args_" + i).put("arg_0", asked.context());
            switch (task.output()) {
                case LOGLIKELIHOOD, MULTIPLE_CHOICE -> own.put("arg_1", asked.continuation());
                case LOGLIKELIHOOD_ROLLING -> {}
                case GENERATE_UNTIL -> {
                    ObjectNode generation = own.putObject("arg_1");
                    ArrayNode until = generation.putArray("until");
                    task.generation().until().forEach(until::add);
                    generation.put("do_sample", task.generation().temperature() > 0);
                    generation.put("temperature", task.generation().temperature());
                    generation.put("max_gen_toks", task.generation().maxTokens());
                }
            }
        }
    }

    private static void replies(
            ObjectNode line, GradedQuestion question, GradedQuestion.Graded graded) {
        ArrayNode resps = line.putArray("resps");
        ArrayNode filtered = line.putArray("filtered_resps");
        for (GradedQuestion.Reply reply : question.replies()) {
            if (reply.texts().isEmpty()) {
                String logProb = String.valueOf(reply.logProb());
                String greedy = reply.greedy() ? "True" : "False";
                resps.addArray().addArray().add(logProb).add(greedy);
                filtered.addArray().add(logProb).add(greedy);
            } else {
                ArrayNode texts = resps.addArray();
                reply.texts().forEach(texts::add);
            }
        }
        graded.filtered().forEach(filtered::add);
    }
}
