package io.homespan;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A test of a whole tier: after it, what always holds is asserted. */
abstract class TierTest {
  @TempDir Path dir = Path.of("");
  private @Nullable Tier tier;

  /** Takes it into care. */
  Tier in(Tier made) {
    tier = made;
    return made;
  }

  @AfterEach
  void whatAlwaysHolds() throws Exception {
    Tier ending = tier;
    if (ending == null) return;
    try (ending) {
      ending.assertAtRest();
    }
  }
}
