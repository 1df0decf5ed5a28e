package io.homespan.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds that are numbers: whole ones within a range, and seconds with fractions. */
final class Numbers {
  private static final int NANOS = 9;
  private static final Pattern WITH_UNIT =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?) *(ms|s|sec|seconds?|m|min|h)?");

  private Numbers() {}

  /** A whole number from {@code min} to {@code max}. */
  record Whole(long min, long max) implements Kind<Long> {
    @Override
    public @Nullable Long read(Object value, Wrong wrong) {
      BigDecimal number = number(value);
      if (number == null) {
        boolean quoted = value instanceof String text && text.matches("-?\\d{1,18}");
        wrong.is(
            Shown.typed(value) + ", not a whole number",
            quoted ? "write " + value + ", without quotes" : should());
        return null;
      }
      return within(number, value, wrong);
    }

    @Override
    public @Nullable Long parse(String text, Wrong wrong) {
      BigDecimal number = decimal(text);
      if (number == null) {
        wrong.is(Shown.quoted(text) + " is not a whole number", should());
        return null;
      }
      return within(number, text, wrong);
    }

    private @Nullable Long within(BigDecimal number, Object value, Wrong wrong) {
      if (number.compareTo(BigDecimal.valueOf(min)) < 0
          || number.compareTo(BigDecimal.valueOf(max)) > 0) {
        wrong.is(Shown.bare(value) + " is out of range", should());
        return null;
      }
      if (number.stripTrailingZeros().scale() > 0) {
        wrong.is(Shown.bare(value) + " is not a whole number", should());
        return null;
      }
      return number.longValue();
    }

    private String should() {
      return "write a whole number from " + min + " to " + max;
    }
  }

  /** Seconds, from {@code min} to {@code max}, to the nanosecond. */
  record Seconds(Duration min, Duration max) implements Kind<Duration> {
    static Seconds from(double min, double max) {
      return new Seconds(duration(BigDecimal.valueOf(min)), duration(BigDecimal.valueOf(max)));
    }

    @Override
    public @Nullable Duration read(Object value, Wrong wrong) {
      BigDecimal number = number(value);
      if (number == null) {
        String meant = value instanceof String text ? seconds(text) : null;
        wrong.is(
            Shown.typed(value) + ", not a number of seconds",
            meant == null ? should() : "write " + meant + ", without unit and quotes");
        return null;
      }
      return within(number, value, wrong);
    }

    @Override
    public @Nullable Duration parse(String text, Wrong wrong) {
      BigDecimal number = decimal(text);
      if (number == null) {
        String meant = seconds(text);
        wrong.is(
            Shown.quoted(text) + " is not a number of seconds",
            meant == null ? should() : "write " + meant + ", without a unit");
        return null;
      }
      return within(number, text, wrong);
    }

    private @Nullable Duration within(BigDecimal number, Object value, Wrong wrong) {
      if (number.compareTo(inSeconds(min)) < 0 || number.compareTo(inSeconds(max)) > 0) {
        wrong.is(Shown.bare(value) + " is out of range", should());
        return null;
      }
      return duration(number);
    }

    private String should() {
      return "write seconds from " + show(min) + " to " + show(max);
    }
  }

  /** A duration as it is written in the configuration. */
  static String show(Duration duration) {
    return inSeconds(duration).stripTrailingZeros().toPlainString();
  }

  private static BigDecimal inSeconds(Duration duration) {
    return BigDecimal.valueOf(duration.getSeconds())
        .add(BigDecimal.valueOf(duration.getNano(), NANOS));
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofNanos(seconds.movePointRight(NANOS).longValue());
  }

  private static @Nullable BigDecimal number(Object value) {
    return value instanceof Number ? decimal(value.toString()) : null;
  }

  private static @Nullable BigDecimal decimal(String text) {
    String trimmed = text.trim();
    // Longer ones are wrong anyhow, and a huge exponent would take its time.
    if (trimmed.length() > 40 || !trimmed.matches("[-+]?[0-9.]+([eE][-+]?[0-9]{1,3})?")) {
      return null;
    }
    try {
      return new BigDecimal(trimmed);
    } catch (NumberFormatException notOne) {
      return null;
    }
  }

  /** What somebody who wrote a unit meant, in seconds. */
  private static @Nullable String seconds(String text) {
    Matcher matcher = WITH_UNIT.matcher(text.trim());
    if (!matcher.matches()) {
      return null;
    }
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    BigDecimal factor =
        switch (unit) {
          case "ms" -> new BigDecimal("0.001");
          case "m", "min" -> new BigDecimal(60);
          case "h" -> new BigDecimal(3600);
          default -> BigDecimal.ONE;
        };
    return new BigDecimal(matcher.group(1)).multiply(factor).stripTrailingZeros().toPlainString();
  }
}
