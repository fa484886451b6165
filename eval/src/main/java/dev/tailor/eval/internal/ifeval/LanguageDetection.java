package dev.tailor.eval.internal.ifeval;

import com.cybozu.labs.langdetect.Detector;
import com.cybozu.labs.langdetect.DetectorFactory;
import com.cybozu.labs.langdetect.LangDetectException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Tells the language of a text with Nakatani Shuyo's language-detection, the library that the
/// reference's langdetect is a port of, and with langdetect's 55 profiles. Newer detectors are
/// better at telling languages and worse at agreeing with the reference: on text in capitals, of
/// which this one sees the first letters of words only, they differ most.
///
/// The detector samples n-grams at random. The reference's seed is a new one each time; here it is
/// fixed, so the answer is the same every time. On short or mixed texts the two may differ, as the
/// reference then differs from itself.
final class LanguageDetection {
    private static final List<String> PROFILES_OF_THE_LIBRARY =
            List.of(
                    "af", "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi",
                    "fr", "gu", "he", "hi", "hr", "hu", "id", "it", "ja", "kn", "lt", "lv", "mk",
                    "ml", "mr", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "so",
                    "sq", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh-cn",
                    "zh-tw");

    private static final List<String> PROFILES_OF_OURS = List.of("ca", "cy", "ko");

    private LanguageDetection() {}

    private static final class Profiles {
        private static final int COUNT = load();

        private static int load() {
            List<String> profiles = new ArrayList<>();
            for (String language : PROFILES_OF_THE_LIBRARY) {
                profiles.add(read(DetectorFactory.class, "/profiles/" + language));
            }
            for (String language : PROFILES_OF_OURS) {
                profiles.add(read(LanguageDetection.class, "profiles/" + language + ".json"));
            }
            try {
                DetectorFactory.clear();
                DetectorFactory.setSeed(0);
                DetectorFactory.loadProfile(profiles);
            } catch (LangDetectException e) {
                throw new IllegalStateException("the language profiles cannot be read", e);
            }
            return profiles.size();
        }

        private static String read(Class<?> owner, String name) {
            try (InputStream file = Objects.requireNonNull(owner.getResourceAsStream(name), name)) {
                return new String(file.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// The ISO 639-1 code of the text's language (`zh-cn` and `zh-tw` for Chinese), or `unknown`;
    /// empty if the text has no letters of any known language.
    static Optional<String> of(String text) {
        if (Profiles.COUNT == 0) {
            throw new IllegalStateException("no language profiles");
        }
        try {
            Detector detector = DetectorFactory.create();
            detector.append(text);
            return Optional.of(detector.detect());
        } catch (LangDetectException e) {
            return Optional.empty();
        }
    }
}
