package io.homespan.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order in which all nodes have their peers. */
class PeerSetTest {
  /** Around the borders between one, two, three and four bytes, and of the surrogates. */
  private static final int[] CODE_POINTS = {
    '-', '.', '0', 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x1f600, 0x10ffff
  };

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(4); left > 0; left--) {
      text.appendCodePoint(CODE_POINTS[random.nextInt(CODE_POINTS.length)]);
    }
    return text.toString();
  }

  @Test
  void theOrder_isThatOfTheBytes() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      String one = text(random);
      String two = text(random);
      int bytes =
          Arrays.compareUnsigned(
              one.getBytes(StandardCharsets.UTF_8), two.getBytes(StandardCharsets.UTF_8));
      assertThat(Integer.signum(PeerSet.BYTEWISE.compare(one, two)))
          .as("%s and %s", one, two)
          .isEqualTo(Integer.signum(bytes));
    }
  }

  @Test
  void eachIsFound_whereItStands() {
    PeerSet peers =
        PeerSet.of(
            List.of(new Peer("b", "h", 1, 1), new Peer("a", "h", 1, 1), new Peer("c", "h", 1, 1)));
    assertThat(peers.ids()).containsExactly("a", "b", "c");
    assertThat(List.of("a", "b", "c").stream().map(peers::indexOf)).containsExactly(0, 1, 2);
    assertThat(List.of("", "aa", "d").stream().map(peers::indexOf)).containsOnly(-1);
    assertThat(PeerSet.EMPTY.indexOf("a")).isNegative();
  }
}
