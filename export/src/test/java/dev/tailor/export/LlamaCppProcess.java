package dev.tailor.export;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import tools.jackson.databind.json.JsonMapper;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The process that holds llama.cpp: it may abort, which no test should. Reads jobs from a JSON
/// file, answers into another. Started by [LlamaCpp].
final class LlamaCppProcess implements AutoCloseable {
    /// Parameter structs are passed as more bytes than they have: the library reads and writes only
    /// its own, and the fields used here stand at the front.
    private static final MemoryLayout PARAMETERS =
            MemoryLayout.sequenceLayout(64, ADDRESS).withName("parameters");

    private static final MemoryLayout OPAQUE = MemoryLayout.structLayout(PARAMETERS);

    private static final MemoryLayout BATCH =
            MemoryLayout.structLayout(
                    JAVA_INT,
                    MemoryLayout.paddingLayout(4),
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS,
                    ADDRESS);

    private static final long THREADS = 16;
    private static final long CACHE_TYPE = 88;
    private static final int CONTEXT = 512;

    private final Arena arena = Arena.ofConfined();
    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;

    private LlamaCppProcess(Path library) {
        this.library = SymbolLookup.libraryLookup(library, arena);
    }

    /// Arguments: the library, the file with the jobs, the file for the answers.
    public static void main(String[] arguments) throws Throwable {
        JsonMapper json = JsonMapper.shared();
        LlamaCpp.Job[] jobs = json.readValue(Path.of(arguments[1]).toFile(), LlamaCpp.Job[].class);
        List<LlamaCpp.Answer> answers = new ArrayList<>();
        try (LlamaCppProcess process = new LlamaCppProcess(Path.of(arguments[0]))) {
            process.function("llama_backend_init", FunctionDescriptor.ofVoid()).invoke();
            for (LlamaCpp.Job job : jobs) {
                answers.add(process.run(job));
            }
        }
        json.writeValue(Path.of(arguments[2]).toFile(), answers);
    }

    private LlamaCpp.Answer run(LlamaCpp.Job job) throws Throwable {
        MemorySegment model = load(job.file());
        MemorySegment vocabulary =
                (MemorySegment)
                        function("llama_model_get_vocab", FunctionDescriptor.of(ADDRESS, ADDRESS))
                                .invoke(model);
        List<List<Integer>> tokens = new ArrayList<>();
        for (String text : job.texts()) {
            tokens.add(tokenize(vocabulary, text, job.addSpecial()));
        }
        List<Float> logits = new ArrayList<>();
        List<List<Integer>> generated = new ArrayList<>();
        List<String> pieces = new ArrayList<>();
        for (List<Integer> prompt : job.prompts()) {
            List<Integer> ids = generate(model, vocabulary, prompt, job.maxTokens(), logits);
            generated.add(ids);
            pieces.add(text(vocabulary, ids));
        }
        function("llama_model_free", FunctionDescriptor.ofVoid(ADDRESS)).invoke(model);
        return new LlamaCpp.Answer(tokens, generated, pieces, logits);
    }

    private MemorySegment load(String file) throws Throwable {
        MemorySegment parameters =
                (MemorySegment)
                        function("llama_model_default_params", FunctionDescriptor.of(OPAQUE))
                                .invoke((java.lang.foreign.SegmentAllocator) arena);
        MemorySegment model =
                (MemorySegment)
                        function(
                                        "llama_model_load_from_file",
                                        FunctionDescriptor.of(ADDRESS, ADDRESS, OPAQUE))
                                .invoke(arena.allocateFrom(file), parameters);
        if (model.address() == 0) {
            throw new IllegalStateException("llama.cpp refuses " + file);
        }
        return model;
    }

    private List<Integer> tokenize(MemorySegment vocabulary, String text, boolean addSpecial)
            throws Throwable {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int room = utf8.length + 8;
        MemorySegment ids = arena.allocate(JAVA_INT, room);
        int count =
                (int)
                        function(
                                        "llama_tokenize",
                                        FunctionDescriptor.of(
                                                JAVA_INT,
                                                ADDRESS,
                                                ADDRESS,
                                                JAVA_INT,
                                                ADDRESS,
                                                JAVA_INT,
                                                JAVA_BOOLEAN,
                                                JAVA_BOOLEAN))
                                .invoke(
                                        vocabulary,
                                        arena.allocateFrom(text),
                                        utf8.length,
                                        ids,
                                        room,
                                        addSpecial,
                                        true);
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add(ids.getAtIndex(JAVA_INT, i));
        }
        return tokens;
    }

    /// Greedy, until an end token or `most`; the logits after the prompt are added to `logits`.
    private List<Integer> generate(
            MemorySegment model,
            MemorySegment vocabulary,
            List<Integer> prompt,
            int most,
            List<Float> logits)
            throws Throwable {
        MemorySegment context = context(model);
        int rows =
                (int)
                        function("llama_vocab_n_tokens", FunctionDescriptor.of(JAVA_INT, ADDRESS))
                                .invoke(vocabulary);
        float[] last = decode(context, prompt, rows);
        for (float logit : last) {
            logits.add(logit);
        }
        List<Integer> generated = new ArrayList<>();
        while (generated.size() < most) {
            int best = 0;
            for (int id = 1; id < rows; id++) {
                best = last[id] > last[best] ? id : best;
            }
            generated.add(best);
            if ((boolean)
                    function(
                                    "llama_vocab_is_eog",
                                    FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT))
                            .invoke(vocabulary, best)) {
                break;
            }
            last = decode(context, List.of(best), rows);
        }
        function("llama_free", FunctionDescriptor.ofVoid(ADDRESS)).invoke(context);
        return generated;
    }

    private MemorySegment context(MemorySegment model) throws Throwable {
        MemorySegment parameters =
                (MemorySegment)
                        function("llama_context_default_params", FunctionDescriptor.of(OPAQUE))
                                .invoke((java.lang.foreign.SegmentAllocator) arena);
        parameters.set(JAVA_INT, 0, CONTEXT);
        parameters.set(JAVA_INT, THREADS, 1);
        parameters.set(JAVA_INT, THREADS + 4, 1);
        for (long type = CACHE_TYPE; type < CACHE_TYPE + 8; type += 4) {
            if (parameters.get(JAVA_INT, type) != 1) {
                throw new IllegalStateException("not the llama.cpp this was written for");
            }
            parameters.set(JAVA_INT, type, 0);
        }
        return (MemorySegment)
                function("llama_init_from_model", FunctionDescriptor.of(ADDRESS, ADDRESS, OPAQUE))
                        .invoke(model, parameters);
    }

    private float[] decode(MemorySegment context, List<Integer> ids, int rows) throws Throwable {
        MemorySegment tokens =
                arena.allocateFrom(JAVA_INT, ids.stream().mapToInt(Integer::intValue).toArray());
        MemorySegment batch =
                (MemorySegment)
                        function(
                                        "llama_batch_get_one",
                                        FunctionDescriptor.of(BATCH, ADDRESS, JAVA_INT))
                                .invoke(
                                        (java.lang.foreign.SegmentAllocator) arena,
                                        tokens,
                                        ids.size());
        int status =
                (int)
                        function("llama_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, BATCH))
                                .invoke(context, batch);
        if (status != 0) {
            throw new IllegalStateException("llama_decode: " + status);
        }
        MemorySegment logits =
                (MemorySegment)
                        function(
                                        "llama_get_logits_ith",
                                        FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT))
                                .invoke(context, -1);
        return logits.reinterpret(4L * rows).toArray(JAVA_FLOAT);
    }

    private String text(MemorySegment vocabulary, List<Integer> ids) throws Throwable {
        MethodHandle toPiece =
                function(
                        "llama_token_to_piece",
                        FunctionDescriptor.of(
                                JAVA_INT,
                                ADDRESS,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_INT,
                                JAVA_INT,
                                JAVA_BOOLEAN));
        MemorySegment buffer = arena.allocate(256);
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        for (int id : ids) {
            int length = (int) toPiece.invoke(vocabulary, id, buffer, 256, 0, false);
            bytes.writeBytes(buffer.asSlice(0, length).toArray(JAVA_BYTE));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private MethodHandle function(String name, FunctionDescriptor descriptor) {
        return linker.downcallHandle(library.findOrThrow(name), descriptor);
    }

    @Override
    public void close() {
        arena.close();
    }
}
