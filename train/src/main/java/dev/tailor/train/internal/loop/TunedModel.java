package dev.tailor.train.internal.loop;

import dev.tailor.core.AtomicWrite;
import dev.tailor.core.Digest;
import dev.tailor.core.ErrorCode;
import dev.tailor.core.Event;
import dev.tailor.core.TailorException;
import dev.tailor.torch.CausalModel;
import dev.tailor.torch.ParameterInfo;
import dev.tailor.torch.Precision;
import dev.tailor.train.SpectrumFiles;
import dev.tailor.train.SpectrumScan;
import dev.tailor.train.SpectrumSelection;
import dev.tailor.train.Tuning;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Loads the base and decides what of it learns.
public final class TunedModel {
    private TunedModel() {}

    /// The base model with `tuning` applied.
    static CausalModel open(Path base, Tuning tuning, Path cache, Session session) {
        CausalModel model = load(base, tuning, session.settings().precision());
        try {
            switch (tuning) {
                case Tuning.Full full -> model.train(names(full));
                case Tuning.Lora lora -> addAdapter(model, lora, session);
                case Tuning.Qlora qlora -> addAdapter(model, qlora.lora(), session);
                case Tuning.Spectrum spectrum -> {
                    SpectrumSelection selection = selection(base, spectrum, cache, session);
                    selection.remark().ifPresent(session::warn);
                    model.train(selection.trainable());
                }
            }
            requireSomethingToLearn(model, base);
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static CausalModel load(Path base, Tuning tuning, Precision precision) {
        return tuning instanceof Tuning.Qlora qlora
                ? CausalModel.loadQuantised(base, precision, qlora.doubleQuantisation())
                : CausalModel.load(base, precision);
    }

    /// Values that learn.
    static long trainable(CausalModel model) {
        return model.parameters().stream()
                .filter(ParameterInfo::trainable)
                .mapToLong(ParameterInfo::elements)
                .sum();
    }

    /// Whether a base parameter of that name learns under full tuning.
    public static Predicate<String> names(Tuning.Full full) {
        List<Pattern> frozen = full.freeze().stream().map(Pattern::compile).toList();
        return name -> frozen.stream().noneMatch(pattern -> pattern.matcher(name).find());
    }

    private static void addAdapter(CausalModel model, Tuning.Lora lora, Session session) {
        if (lora.continueFrom().isPresent()) {
            model.continueAdapter(
                    lora.continueFrom().get(), lora.config().variant().learningRateRatio());
        } else {
            model.addAdapter(lora.config(), session.seed().of("adapter"));
        }
    }

    /// The selection of a file, or of a scan of the base, which is kept for the next time.
    public static SpectrumSelection selection(
            Path base, Tuning.Spectrum spectrum, Path cache, Session session) {
        if (spectrum.file().isPresent()) {
            return SpectrumFiles.selection(spectrum.file().get(), spectrum.topPercent());
        }
        String key = Digest.ofString(BaseDigest.of(base) + spectrum.types()).substring(0, 16);
        Path kept = cache.resolve("spectrum-" + key + ".json");
        if (!Files.exists(kept)) {
            session.note("scanning the base model's layers for Spectrum");
            SpectrumScan scan =
                    SpectrumScan.of(
                            base,
                            spectrum.types(),
                            session.stage(),
                            Event.Listener.none(),
                            session.cancellation());
            AtomicWrite.text(kept, SpectrumFiles.json(scan));
        }
        return SpectrumFiles.selection(kept, spectrum.topPercent());
    }

    private static void requireSomethingToLearn(CausalModel model, Path base) {
        if (trainable(model) == 0) {
            throw TailorException.of(
                            ErrorCode.CONFIG_INVALID, "no parameter of the model would learn")
                    .at(base)
                    .remedy("check the names that 'tune' freezes or selects");
        }
    }
}
