package dev.tailor.train.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Cancellation;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.Precision;
import dev.tailor.torch.Torch;
import dev.tailor.train.internal.Golden;
import dev.tailor.train.internal.batch.MicroBatch;
import dev.tailor.train.internal.batch.Sequence;
import dev.tailor.train.internal.batch.TokenFile;
import dev.tailor.train.internal.distil.StoreWriter;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;

/// Stores of what the golden model says of random tokens.
class LogitStoreTest {
    private static final int TOP = 5;
    private static final double TEMPERATURE = 2;

    @TempDir private static Path shared;
    private static CausalModel teacher;
    private static TokenFile tokens;

    @TempDir private Path directory;

    @BeforeAll
    static void load() {
        Torch.threads(1);
        teacher = CausalModel.load(Golden.LLAMA, Precision.FLOAT32);
        Path file = shared.resolve("tokens.bin");
        Random random = new Random(3);
        TokenFile.write(
                file,
                sink -> {
                    for (int i = 0; i < 7; i++) {
                        int[] ids = random.ints(2 + 3L * i, 0, 512).toArray();
                        boolean[] trained = new boolean[ids.length];
                        Arrays.fill(trained, ids.length / 3, ids.length, true);
                        sink.add(new Sequence(ids, trained));
                    }
                    return "";
                });
        tokens = TokenFile.open(file).orElseThrow();
    }

    @AfterAll
    static void close() {
        teacher.close();
        tokens.close();
    }

    private static StoreHeader header(StorePrecision precision) {
        return new StoreHeader("t", "float32", "v", "d", 512, TOP, TEMPERATURE, precision, 0, 0, 0);
    }

    private static void write(Path place, StorePrecision precision, IntConsumer done) {
        new StoreWriter(
                        teacher,
                        tokens,
                        header(precision),
                        new StoreWriter.Sizes(20, 15),
                        done,
                        Cancellation.never())
                .write(place);
    }

    private Path written(StorePrecision precision) {
        Path place = directory.resolve("store");
        write(place, precision, done -> {});
        return place;
    }

    @ParameterizedTest
    @EnumSource(StorePrecision.class)
    void store_readBack_holdsTheLikeliestTokensOfEveryPosition(StorePrecision precision) {
        try (LogitStore store = LogitStore.open(written(precision))) {
            assertThat(store.header().parts()).isGreaterThan(1);
            assertThat(store.header().sequences()).isEqualTo(7);
            for (int s = 0; s < 7; s++) {
                MicroBatch batch = MicroBatch.of(tokens, new int[] {s});
                float[] logits = teacher.logits(batch.batch(), 0, batch.batch().size());
                TopTokens rows = store.sequence(s);
                int row = 0;
                for (int i = 0; i < batch.batch().size(); i++) {
                    if (batch.batch().targets()[i] >= 0) {
                        assertRow(
                                rows,
                                row++,
                                Arrays.copyOfRange(logits, 512 * i, 512 * (i + 1)),
                                precision);
                    }
                }
                assertThat(rows.positions()).isEqualTo(row);
            }
        }
    }

    private static void assertRow(
            TopTokens rows, int row, float[] logits, StorePrecision precision) {
        double[] logProbs = Softmax.logProbs(logits, 1);
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(logits[b], logits[a]));
        double rest = 0;
        for (int k = 0; k < order.length; k++) {
            if (k >= TOP) {
                rest += Math.exp(logProbs[order[k]] / TEMPERATURE);
                continue;
            }
            assertThat(rows.ids()[row * TOP + k]).isEqualTo(order[k]);
            double error = precision == StorePrecision.FLOAT16 ? 0x1p-9 : 1e-5;
            assertThat((double) rows.logProbs()[row * TOP + k])
                    .isCloseTo(logProbs[order[k]], within(error));
        }
        assertThat((double) rows.logRest()[row]).isCloseTo(Math.log(rest), within(1e-5));
    }

    /// The page of file formats, followed byte by byte.
    @Test
    void part_isWhatTheManualSays() throws Exception {
        Path store = written(StorePrecision.FLOAT16);
        ByteBuffer part =
                ByteBuffer.wrap(Files.readAllBytes(store.resolve("part-000000.bin")))
                        .order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[8];
        part.get(magic);
        assertThat(new String(magic, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("TLRLGT1\n");
        assertThat(new int[] {part.getInt(), part.getInt()}).containsExactly(0, 0);
        int sequences = part.getInt();
        assertThat(new int[] {part.getInt(), part.getInt(), part.getInt()})
                .containsExactly(TOP, 512, 2);
        int positions = part.getInt(part.position() + 12 * (sequences - 1));
        int length = part.getInt(part.position() + 12 * (sequences - 1) + 4);
        byte[] block = new byte[length];
        part.get(part.capacity() - length, block);
        byte[] bytes =
                new byte[(positions * TOP * 9 + 7) / 8 + positions * TOP * 2 + positions * 4];
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(block);
            assertThat(inflater.inflate(bytes)).isEqualTo(bytes.length);
        }

        try (LogitStore opened = LogitStore.open(store)) {
            TopTokens rows = opened.sequence(sequences - 1);
            int second = (bytes[1] >>> 1 & 0x7F) | (bytes[2] & 3) << 7;
            assertThat(rows.ids()[1]).isEqualTo(second);
            int at = (positions * TOP * 9 + 7) / 8;
            int count = positions * TOP;
            short first = (short) (bytes[at] & 0xFF | bytes[at + count] << 8);
            assertThat(rows.logProbs()[0]).isEqualTo(Float.float16ToFloat(first));
            float rest =
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat(at + 2 * count);
            assertThat(rows.logRest()[0]).isEqualTo(rest);
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void writer_killedAfterAPart_goesOnAfterIt() throws IOException {
        Path whole = written(StorePrecision.FLOAT16);
        Path place = directory.resolve("killed");
        int[] parts = {0};

        assertThatThrownBy(() ->
                        write(
                                place,
                                StorePrecision.FLOAT16,
                                done -> {
                                    if (++parts[0] == 2) {
                                        throw new Killed();
                                    }
                                }))
                .isInstanceOf(Killed.class);
        assertThat(place).doesNotExist();
        Path first = AtomicWrite.unfinished(place).resolve("part-000000.bin");
        Path second = first.resolveSibling("part-000001.bin");
        Files.write(second, new byte[] {1, 2, 3}); // and this one came out damaged
        Files.write(first.resolveSibling(".part-000002.bin.tmp-1"), new byte[] {1});
        Files.setLastModifiedTime(first, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
        write(place, StorePrecision.FLOAT16, done -> {});

        assertThat(Files.getLastModifiedTime(place.resolve("part-000000.bin")).toMillis())
                .isEqualTo(1_000_000);
        assertThat(contents(place)).isEqualTo(contents(whole));
    }

    private static TreeMap<String, String> contents(Path store) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(store)) {
            files.forEach(file -> contents.put(file.getFileName().toString(), Digest.ofFile(file)));
        }
        return contents;
    }

    private static void read(Path store) {
        try (LogitStore opened = LogitStore.open(store)) {
            for (int s = 0; s < opened.header().sequences(); s++) {
                opened.sequence(s);
            }
        }
    }

    private void assertRefused(Path store) {
        assertThatThrownBy(() -> read(store))
                .isInstanceOf(TailorException.class)
                .satisfies(e ->
                        assertThat(((TailorException) e).code())
                                .isIn(ErrorCode.FILE_CORRUPT, ErrorCode.FILE_NOT_FOUND));
    }

    @Test
    void store_withAnyByteOfAPartChanged_isRefused() throws IOException {
        Path store = written(StorePrecision.FLOAT16);
        Path part = store.resolve("part-000000.bin");
        byte[] good = Files.readAllBytes(part);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) 0x5A;
            Files.write(part, bad);
            assertRefused(store);
        }
        for (int length : new int[] {0, 7, 31, 40, good.length / 2, good.length - 1}) {
            Files.write(part, Arrays.copyOf(good, length));
            assertRefused(store);
        }
        Files.write(part, Arrays.copyOf(good, good.length + 1));
        assertRefused(store);
        Files.delete(part);
        assertRefused(store);
    }

    /// Checksums keep out accidents; one who writes them anew must not get further.
    private void patched(Consumer<ByteBuffer> patch) throws IOException {
        Path store = directory.resolve("patched");
        write(store, StorePrecision.FLOAT16, done -> {});
        Path part = store.resolve("part-000000.bin");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(part)).order(ByteOrder.LITTLE_ENDIAN);
        patch.accept(bytes);
        int head = 32 + 12 * bytes.getInt(16);
        if (head > 0 && head + 4 <= bytes.capacity()) {
            CRC32 crc = new CRC32();
            crc.update(bytes.array(), 0, head);
            bytes.putInt(head, (int) crc.getValue());
        }
        Files.write(part, bytes.array());
        assertRefused(store);
        AtomicWrite.deleteTree(store);
    }

    @Test
    void store_withSizesThatCannotBe_isRefusedBeforeMemoryIsTaken() throws IOException {
        patched(part -> part.putInt(16, Integer.MAX_VALUE)); // sequences
        patched(part -> part.putInt(16, -1));
        patched(part -> part.putInt(32, Integer.MAX_VALUE)); // positions
        patched(part -> part.putInt(32, -5));
        patched(part -> part.putInt(32, part.getInt(32) + 1));
        patched(part -> part.putInt(36, Integer.MAX_VALUE)); // bytes of a block
        patched(part -> part.putInt(36, -1));
        patched(part -> part.putInt(12, 3)); // first sequence
    }

    @Test
    void header_thatIsNotItsOwn_isRefused() throws IOException {
        Path store = written(StorePrecision.FLOAT16);
        Path file = store.resolve(StoreHeader.FILE);
        String good = Files.readString(file);
        for (String bad :
                new String[] {
                    "",
                    "[]",
                    "{}",
                    "{".repeat(100_000),
                    good.replace("\"format\" : 1", "\"format\" : 2"),
                    good.replace("\"top\" : 5", "\"top\" : 6"),
                    good.replace("\"top\" : 5", "\"top\" : 2000000000"),
                    good.replace("\"vocabulary\" : 512", "\"vocabulary\" : 0"),
                    good.replace("\"vocabulary\" : 512", "\"vocabulary\" : \"many\""),
                    good.replace("\"temperature\" : 2.0", "\"temperature\" : -1"),
                    good.replaceFirst("\"sequences\" : \\d+", "\"sequences\" : 8"),
                    good.replaceFirst("\"parts\" : \\d+", "\"parts\" : 900000"),
                    good.replaceFirst("\"parts\" : \\d+", "\"parts\" : 1")
                }) {
            assertThat(bad).isNotEqualTo(good);
            Files.writeString(file, bad);
            assertRefused(store);
        }
    }
}
