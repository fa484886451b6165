package dev.tailor.train.internal.loop;

import dev.tailor.text.Tokenizer;
import dev.tailor.torch.CausalModel;
import dev.tailor.train.Objective.Distillation;
import dev.tailor.train.TrainRequest;
import dev.tailor.train.distillation.LogitStore;
import dev.tailor.train.distillation.StoreHeader;
import dev.tailor.train.distillation.Teaching;
import dev.tailor.train.internal.batch.Prepared;
import dev.tailor.train.internal.distil.Coverage;
import dev.tailor.train.internal.distil.OnlineTeacher;
import dev.tailor.train.internal.distil.StoreWriter;
import dev.tailor.train.internal.distil.StoredTeacher;
import dev.tailor.train.internal.distil.Stores;
import dev.tailor.train.internal.distil.Teacher;
import dev.tailor.train.internal.distil.TokenDigest;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;
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
        TeacherCheck.check(request, objective);
        this.digest = objective.teacher().map(BaseDigest::of);
    }

    private static Path places(Distillation objective, Path cache) {
        return objective.teaching() instanceof Teaching.Stored stored
                ? stored.stores().orElse(cache)
                : cache;
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
                        .map(teacher -> TeacherCheck.shared(request.base(), teacher))
                        .orElseGet(
                                () -> (int) TeacherCheck.config(request.base()).vocabularySize()),
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
        long positions =
                (long) request.settings().sequenceLength() * request.settings().batchSize();
        new StoreWriter(
                        model(),
                        data.tokens(),
                        header,
                        StoreWriter.Sizes.of((int) Math.min(positions, 1 << 20)),
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
                            TeacherCheck.shared(request.base(), objective.teacher().orElseThrow()));
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
                            ? new StatePairs(request, objective).of(student)
                            : List.of();
            compared = known;
        }
        return known;
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
