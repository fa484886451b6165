package dev.tailor.text.internal.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// C's `strftime` in the C locale, as `strftime_now` uses it.
final class Strftime {
    private Strftime() {}

    static String format(String format, LocalDateTime time) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 >= format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            char flag = 0;
            if ("-_0^".indexOf(directive) >= 0 && i + 1 < format.length()) {
                flag = directive;
                directive = format.charAt(++i);
            }
            out.append(flagged(flag, directive(directive, time)));
        }
        return out.toString();
    }

    private static String flagged(char flag, String value) {
        return switch (flag) {
            case '-' -> value.length() > 1 ? value.replaceFirst("^[0 ]+(?=.)", "") : value;
            case '_' -> value.replaceFirst("^0(?=.)", " ");
            case '^' -> value.toUpperCase(Locale.ROOT);
            default -> value;
        };
    }

    private static String directive(char directive, LocalDateTime time) {
        int hour12 = time.get(ChronoField.CLOCK_HOUR_OF_AMPM);
        int weekday = time.getDayOfWeek().getValue() % 7;
        return switch (directive) {
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
            case 'C' -> padded(time.getYear() / 100, 2);
            case 'd' -> padded(time.getDayOfMonth(), 2);
            case 'D', 'x' -> format("%m/%d/%y", time);
            case 'e' -> spaced(time.getDayOfMonth());
            case 'f' -> padded(time.getNano() / 1000, 6);
            case 'F' -> format("%Y-%m-%d", time);
            case 'G' -> padded(time.get(IsoFields.WEEK_BASED_YEAR), 4);
            case 'g' -> padded(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2);
            case 'H' -> padded(time.getHour(), 2);
            case 'I' -> padded(hour12, 2);
            case 'j' -> padded(time.getDayOfYear(), 3);
            case 'k' -> spaced(time.getHour());
            case 'l' -> spaced(hour12);
            case 'm' -> padded(time.getMonthValue(), 2);
            case 'M' -> padded(time.getMinute(), 2);
            case 'n' -> "\n";
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'r' -> format("%I:%M:%S %p", time);
            case 'R' -> format("%H:%M", time);
            case 'S' -> padded(time.getSecond(), 2);
            case 't' -> "\t";
            case 'T', 'X' -> format("%H:%M:%S", time);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 'U' -> padded((time.getDayOfYear() + 6 - weekday) / 7, 2);
            case 'V' -> padded(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2);
            case 'w' -> String.valueOf(weekday);
            case 'W' -> padded((time.getDayOfYear() + 6 - (weekday + 6) % 7) / 7, 2);
            case 'y' -> padded(time.getYear() % 100, 2);
            case 'Y' -> String.valueOf(time.getYear());
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> "%" + directive;
        };
    }

    private static String padded(int number, int width) {
        return String.format(Locale.ROOT, "%0" + width + "d", number);
    }

    private static String spaced(int number) {
        return String.format(Locale.ROOT, "%2d", number);
    }
}
