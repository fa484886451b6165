package dev.tailor.serve.internal.engine;

import dev.tailor.serve.ServedModel;
import dev.tailor.serve.ServerSettings;
import dev.tailor.torch.DecodingSession;
import dev.tailor.torch.SequencePiece;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Continues many sequences together (continuous batching, Yu et al. 2022): one thread runs step
/// after step; each gives every sequence that is being answered a token, and reads a bounded part
/// of the prompts of those that have come. Tasks come and go between any two steps.
public final class Engine implements AutoCloseable {
    /// Prompt tokens read in a step beside sequences that wait for their next token.
    private static final int PROMPT_TOKENS = 256;

    /// Prompt tokens read in a step where nobody waits.
    private static final int PROMPT_TOKENS_ALONE = 1024;

    private final ServedModel model;
    private final ServerSettings.Load settings;
    private final EngineWatch watch;
    private final DecodingSession session;
    private final AdapterPool adapters;
    private final LinkedBlockingQueue<Work> arrivals = new LinkedBlockingQueue<>();
    private final Deque<Task> waiting = new ArrayDeque<>();
    private final Deque<Embedding> embeddings = new ArrayDeque<>();
    private final List<Task> running = new ArrayList<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger cached = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean draining;
    private volatile boolean stopping;

    /// Starts an engine.
    public static Engine start(ServedModel model, ServerSettings settings, EngineWatch watch) {
        Engine engine = new Engine(model, settings, watch);
        engine.thread.start();
        return engine;
    }

    private Engine(ServedModel model, ServerSettings settings, EngineWatch watch) {
        this.model = model;
        this.settings = settings.load();
        this.watch = watch;
        this.session = new DecodingSession(model.model(), settings.load().cachedTokens());
        this.adapters = new AdapterPool(session, settings.adapters());
        this.thread = Thread.ofPlatform().name("tailor-engine").unstarted(this::run);
    }

    /// The longest sequence that can be continued, prompt and answer together, in tokens.
    public int longestSequence() {
        return Math.min(model.contextLength(), session.room());
    }

    /// Whether the engine's thread is at work; if it is not, nothing will ever be answered.
    public boolean isAlive() {
        return thread.isAlive();
    }

    /// Tasks that wait for their turn.
    public int queued() {
        return queued.get();
    }

    /// Tasks that are being answered.
    public int active() {
        return active.get();
    }

    /// Tokens that are remembered for tasks that run now.
    public int cachedTokens() {
        return cached.get();
    }

    /// Hands in the tasks of one request, each with its listener: all of them or none.
    ///
    /// @throws EngineBusyException when too many wait already, or the engine is being drained
    public List<Task> submit(List<TaskRequest> requests, List<Output.Listener> listeners) {
        int count = requests.size();
        takePlaces(count);
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(
                    new Task(
                            requests.get(i),
                            model.tokenizer().incrementalDecoder(true),
                            listeners.get(i)));
        }
        arrivals.addAll(tasks);
        return tasks;
    }

    /// Hands in texts to embed.
    ///
    /// @throws EngineBusyException as [#submit]
    public CompletableFuture<List<float[]>> embed(String adapter, List<int[]> sequences) {
        takePlaces(1);
        Embedding embedding = new Embedding(adapter, sequences, new CompletableFuture<>());
        arrivals.add(embedding);
        return embedding.means();
    }

    private void takePlaces(int count) {
        if (draining) {
            throw new EngineBusyException(true);
        }
        int before = queued.getAndUpdate(now -> hasRoom(now, count) ? now + count : now);
        if (!hasRoom(before, count)) {
            throw new EngineBusyException(false);
        }
    }

    /// A request that alone is more than may wait is taken when nobody waits.
    private boolean hasRoom(int now, int count) {
        return now == 0 || now + count <= settings.waiting();
    }

    /// Takes no new tasks from now on.
    public void drain() {
        draining = true;
    }

    /// Waits until nothing is left to do, at most so long; whether that was reached.
    public boolean awaitIdle(long seconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (queued.get() + active.get() > 0 && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        return queued.get() + active.get() == 0;
    }

    private void run() {
        try {
            while (!stopping) {
                collect();
                admit();
                embedOne();
                if (!running.isEmpty()) {
                    step();
                }
                active.set(running.size());
                cached.set(session.roomInUse());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            RuntimeException gone = new EngineBusyException(true);
            running.forEach(task -> task.fail(gone));
            waiting.forEach(task -> task.fail(gone));
            embeddings.forEach(embedding -> embedding.fail(gone));
            arrivals.forEach(work -> work.fail(gone));
            session.close();
            ended.countDown();
        }
    }

    /// Takes what has come; waits for it where there is nothing else to do.
    private void collect() throws InterruptedException {
        boolean idle = running.isEmpty() && waiting.isEmpty() && embeddings.isEmpty();
        Work next = idle ? arrivals.poll(50, TimeUnit.MILLISECONDS) : arrivals.poll();
        while (next != null) {
            switch (next) {
                case Task task -> waiting.add(task);
                case Embedding embedding -> embeddings.add(embedding);
            }
            next = arrivals.poll();
        }
        drop(running);
        int before = waiting.size();
        waiting.removeIf(Task::isCancelled);
        queued.addAndGet(waiting.size() - before);
    }

    private static void drop(List<Task> tasks) {
        tasks.removeIf(task -> {
            if (task.isCancelled()) {
                task.release();
            }
            return task.isCancelled();
        });
    }

    private void admit() {
        while (running.size() < settings.sequences() && !waiting.isEmpty()) {
            Task task = waiting.remove();
            if (!begin(task)) {
                queued.decrementAndGet();
                continue;
            }
            running.add(task);
            active.incrementAndGet();
            queued.decrementAndGet();
        }
    }

    /// Embeds what has waited longest; answers that are being given wait for it.
    private void embedOne() {
        Embedding embedding = embeddings.poll();
        if (embedding == null) {
            return;
        }
        try {
            embedding.answer(session, adapters.number(embedding.adapter()));
        } catch (RuntimeException e) {
            embedding.fail(e);
        } finally {
            queued.decrementAndGet();
        }
    }

    private boolean begin(Task task) {
        try {
            task.begin(session.open(adapters.number(task.request().adapter())));
            return true;
        } catch (RuntimeException e) {
            task.fail(e);
            return false;
        }
    }

    /// One step for everything that runs.
    private void step() {
        List<Task> chosen = new ArrayList<>();
        List<SequencePiece> pieces = new ArrayList<>();
        int prompts = gather(chosen, pieces);
        if (pieces.isEmpty()) {
            return;
        }
        int[] starts = pieces.stream().mapToInt(p -> p.sequence().length()).toArray();
        long begun = System.nanoTime();
        try {
            session.step(
                    pieces,
                    (piece, position, logits) ->
                            chosen.get(piece).see(starts[piece] + position, logits));
        } catch (RuntimeException e) {
            failAll(chosen, e);
            return;
        }
        int generated = 0;
        for (Task task : chosen) {
            int before = task.generated();
            speak(task);
            generated += task.isOver() || task.generated() > before ? 1 : 0;
        }
        watch.stepped(chosen.size(), prompts, generated, seconds(begun));
        running.removeIf(Task::isOver);
    }

    private void speak(Task task) {
        boolean first = task.generated() == 0;
        task.speak();
        if (first && (task.generated() > 0 || task.isOver())) {
            watch.firstToken(seconds(task.created()));
        }
        if (task.isOver()) {
            task.release();
        }
    }

    /// A step that failed may have left any sequence half done.
    private void failAll(List<Task> tasks, RuntimeException cause) {
        tasks.forEach(task -> task.fail(cause));
        tasks.forEach(task -> task.sequence().clear());
        tasks.forEach(Task::release);
        running.removeIf(Task::isOver);
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /// Chooses what the next step works on; returns how many tokens of prompts that are. The first
    /// come have room first; those that came last give theirs.
    private int gather(List<Task> chosen, List<SequencePiece> pieces) {
        boolean somebodyWaits = running.stream().anyMatch(task -> task.generated() > 0);
        int budget = somebodyWaits ? PROMPT_TOKENS : PROMPT_TOKENS_ALONE;
        int prompts = 0;
        for (int i = 0; i < running.size(); i++) {
            Task task = running.get(i);
            task.restartIf(session.needsRestart(task.length()));
            int pending = task.pending();
            int most = pending == 1 ? 1 : Math.min(pending, budget - prompts);
            if (most <= 0) {
                continue;
            }
            while (!task.sequence().reserve(task.sequence().length() + most)) {
                preempt(running.size() - 1);
                if (i == running.size()) {
                    return prompts;
                }
            }
            prompts += pending == 1 && task.generated() > 0 ? 0 : most;
            chosen.add(task);
            pieces.add(task.piece(most));
        }
        return prompts;
    }

    /// Takes the room of a running task, which will begin again when there is some.
    private void preempt(int index) {
        Task task = running.remove(index);
        task.release();
        waiting.addFirst(task);
        queued.incrementAndGet();
        active.decrementAndGet();
        watch.preempted();
    }

    @Override
    public void close() {
        draining = true;
        stopping = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
