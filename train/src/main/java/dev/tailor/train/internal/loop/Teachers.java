package dev.tailor.train.internal.loop;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.tensors.ModelDirectory;
import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.DecoderConfig;
import dev.tailor.torch.Projection;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.distillation.HiddenPairs;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.StoreHeader;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.distil.Coverage;
import dev.tailor.train.internal.distil.OnlineTeacher;
import dev.tailor.train.internal.distil.SharedVocabulary;
import dev.tailor.train.internal.distil.StoreWriter;
import dev.tailor.train.internal.distil.StoredTeacher;
import dev.tailor.train.internal.distil.Stores;
import dev.tailor.train.internal.distil.Teacher;
import dev.tailor.train.internal.distil.TokenDigest;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/// The teacher of a stage: a model that is asked as the student learns, or stores of what it said.
final class Teachers implements AutoCloseable {
    /// Listed tokens should hold this share of the teacher's probability.
    private static final double ENOUGH = 0.8;

    private final TrainRequest request;
    private final Distillation objective;
    private final Session session;
    private final Stores stores;
    private final Map<String, LogitStore> open = new HashMap<>();
    private final Optional<String> digest;
    private @Nullable CausalModel model;
    private @Nullable List<ComparedStates> compared;

    Teachers(TrainRequest request, Distillation objective, Session session, Path cache) {
        this.request = request;
        this.objective = objective;
        this.session = session;
        this.stores = new Stores(places(objective, cache));
        check(request, objective);
        this.digest = objective.teacher().map(BaseDigest::of);
    }

    private static Path places(Distillation objective, Path cache) {
        return objective.teaching() instanceof Teaching.Stored stored
                ? stored.stores().orElse(cache)
                : cache;
    }

    /// What can be told before any work is done.
    ///
    /// @throws TailorException `CONFIG_INVALID` or `MODEL_INVALID`
    static void check(TrainRequest request, Distillation objective) {
        if (objective.teacher().isEmpty()) {
            if (!(objective.teaching() instanceof Teaching.Stored stored)
                    || stored.stores().isEmpty()) {
                throw TailorException.of(ErrorCode.CONFIG_INVALID, "there is no teacher")
                        .at("stage " + request.stage())
                        .remedy("name a model, or the place of a store of what it said");
            }
            return;
        }
        Path teacher = objective.teacher().get();
        int shared = shared(request.base(), teacher);
        SharedVocabulary.check(request.base(), teacher);
        if (objective.teaching() instanceof Teaching.Stored stored && stored.top() > shared) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID,
                            "the %d likeliest tokens are wanted, the vocabulary has %d"
                                    .formatted(stored.top(), shared))
                    .at("stage " + request.stage())
                    .remedy("lower 'top'; 64 is plenty as a rule");
        }
    }

    /// Rows that both embeddings have; what one has beyond is padding.
    private static int shared(Path student, Path teacher) {
        return (int) Math.min(config(student).vocabularySize(), config(teacher).vocabularySize());
    }

    private static DecoderConfig config(Path model) {
        try (ModelDirectory directory = ModelDirectory.open(model)) {
            return DecoderConfig.of(directory);
        }
    }

    /// Identifies the teacher: its own digest, or that of the one whose words a store has kept.
    String identity() {
        return digest.orElseGet(() ->
                open.values().stream()
                        .map(store -> store.header().teacher())
                        .sorted()
                        .distinct()
                        .collect(Collectors.joining(" ")));
    }

    /// Makes sure that what the teacher says of some data can be had; where it is kept on disk,
    /// asks for it now.
    void prepare(Prepared data) {
        if (!(objective.teaching() instanceof Teaching.Stored stored)
                || open.containsKey(data.key())) {
            return;
        }
        StoreHeader wanted = header(stored, data);
        LogitStore store = digest.isEmpty() ? stores.ofAnyTeacher(wanted) : made(wanted, data);
        open.put(data.key(), store);
        double listed = Coverage.of(store);
        if (listed < ENOUGH) {
            session.warn(
                    "the %d tokens listed at a position hold %.0f %% of the teacher's probability: of the rest the student learns next to nothing; raise 'top', or teach online"
                            .formatted(store.header().top(), 100 * listed));
        }
    }

    private LogitStore made(StoreHeader wanted, Prepared data) {
        Path directory = stores.place(wanted);
        if (!Files.exists(directory)) {
            ask(wanted, data, directory);
        }
        return stores.open(directory, wanted);
    }

    private StoreHeader header(Teaching.Stored stored, Prepared data) {
        String computed = session.settings().precision().name().toLowerCase(Locale.ROOT);
        return new StoreHeader(
                digest.orElse(""),
                computed,
                TokenDigest.of(Tokenizer.vocabulary(request.base())),
                TokenDigest.of(data.tokens()),
                objective
                        .teacher()
                        .map(teacher -> shared(request.base(), teacher))
                        .orElseGet(() -> (int) config(request.base()).vocabularySize()),
                stored.top(),
                objective.temperature(),
                stored.precision(),
                0,
                0,
                0);
    }

    private void ask(StoreHeader header, Prepared data, Path directory) {
        int sequences = data.tokens().sequences();
        session.note("asking the teacher about %d sequences".formatted(sequences));
        int positions = request.settings().sequenceLength() * request.settings().batchSize();
        new StoreWriter(
                        model(),
                        data.tokens(),
                        header,
                        StoreWriter.Sizes.of(positions),
                        progress(sequences),
                        session.cancellation())
                .write(directory);
    }

    /// Tells of every tenth.
    private IntConsumer progress(int all) {
        long[] told = {0};
        return done -> {
            long tenths = 10L * done / all;
            if (tenths > told[0] && done < all) {
                told[0] = tenths;
                session.note("the teacher has read %d of %d sequences".formatted(done, all));
            }
        };
    }

    /// Everything is on disk: the model is not needed any more.
    void prepared() {
        if (objective.teaching() instanceof Teaching.Stored) {
            closeModel();
        }
    }

    private CausalModel model() {
        CausalModel loaded = model;
        if (loaded == null) {
            loaded =
                    CausalModel.load(
                            objective.teacher().orElseThrow(), session.settings().precision());
            model = loaded;
        }
        return loaded;
    }

    /// The teacher of data that was prepared.
    Teacher of(Prepared data, CausalModel student) {
        return switch (objective.teaching()) {
            case Teaching.Online online ->
                    new OnlineTeacher(
                            model(),
                            compared(student).stream()
                                    .map(ComparedStates::teacher)
                                    .collect(Collectors.toSet()),
                            shared(request.base(), objective.teacher().orElseThrow()));
            case Teaching.Stored stored ->
                    new StoredTeacher(
                            Objects.requireNonNull(open.get(data.key())), stored.missing());
        };
    }

    /// The hidden states that are compared. Where widths differ, a projection is added to the
    /// student, once.
    List<ComparedStates> compared(CausalModel student) {
        List<ComparedStates> known = compared;
        if (known == null) {
            known =
                    Distillation.comparesHidden(objective.losses())
                            ? pairs(student, config(objective.teacher().orElseThrow()))
                            : List.of();
            compared = known;
        }
        return known;
    }

    private List<ComparedStates> pairs(CausalModel student, DecoderConfig teacher) {
        List<ComparedStates> pairs = new ArrayList<>();
        int lowest = student.lowestLearningState();
        for (HiddenPairs.Pair pair :
                objective.hidden().of(student.config().layers(), teacher.layers())) {
            boolean all = objective.hidden() instanceof HiddenPairs.All;
            if (pair.student() > student.config().layers() || pair.teacher() > teacher.layers()) {
                throw invalid(
                        "there is no pair of hidden states %d and %d: the student has %d layers, the teacher %d"
                                .formatted(
                                        pair.student(),
                                        pair.teacher(),
                                        student.config().layers(),
                                        teacher.layers()));
            }
            if (pair.student() < lowest && !all) {
                throw invalid(
                        "nothing that makes the student's hidden state %d learns; the first that can change is %d"
                                .formatted(pair.student(), lowest));
            }
            if (pair.student() >= lowest) {
                pairs.add(
                        new ComparedStates(
                                pair.student(),
                                pair.teacher(),
                                projection(pair, student, teacher)));
            }
        }
        return pairs;
    }

    private TailorException invalid(String what) {
        return TailorException.of(ErrorCode.CONFIG_INVALID, what)
                .at("stage " + request.stage())
                .remedy("choose other pairs of hidden states");
    }

    private Optional<Projection> projection(
            HiddenPairs.Pair pair, CausalModel student, DecoderConfig teacher) {
        int from = student.config().hiddenSize();
        int to = teacher.hiddenSize();
        return from == to && !objective.projects()
                ? Optional.empty()
                : Optional.of(
                        student.addProjection(
                                "distillation.projections.%d.%d.weight"
                                        .formatted(pair.student(), pair.teacher()),
                                to,
                                from,
                                request.seed().of("projections")));
    }

    private void closeModel() {
        if (model != null) {
            model.close();
            model = null;
        }
    }

    @Override
    public void close() {
        closeModel();
        open.values().forEach(LogitStore::close);
    }
}
