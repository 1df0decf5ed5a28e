package io.homespan.discovery.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.homespan.discovery.Address;
import io.homespan.discovery.zookeeper.Entry.Kind;
import io.homespan.discovery.zookeeper.Entry.Layout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What may stand in a node of ZooKeeper. */
class EntryTest {
  private static Kind kind(String text, Layout layout) {
    return Entry.read(text.getBytes(StandardCharsets.UTF_8), layout, "homespan").kind();
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void whatIsWritten_isRead(Layout layout) {
    for (String host : new String[] {"node-a", "10.0.0.1", "2001:db8::1"}) {
      Entry entry = new Entry(Address.of(host, 21891), "i", "homespan", "1.2.3");
      Entry.Read read = Entry.read(entry.write(layout), layout, "homespan");
      assertThat(read.kind()).isEqualTo(Kind.OK);
      assertThat(read.entry()).isEqualTo(entry);
      assertThat(Entry.read(entry.write(layout), layout, "warp").kind())
          .isEqualTo(Kind.OTHER_CLUSTER);
    }
  }

  @Test
  void anAgentCanReadWhatIsWrittenForIt() {
    Entry entry = new Entry(Address.of("node-a", 21891), "i", "homespan", "1.2.3");
    assertThat(new String(entry.write(Layout.HEARTBEAT), StandardCharsets.UTF_8))
        .startsWith(
            "{\"My_address\":\"node-a\",\"My_port\":21891,\"Poll_timeout\":5000,\"Poll_interval\":10000,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `{"address":"a:1","instance":"i","cluster":"homespan"}`               | OK
          `{"address":"a:1","instance":"i","cluster":"homespan","more":[1]}`    | OK
          `{"address":"a:1","instance":"i","cluster":"homespan","version":7}`   | OK
          `{"address":":1","instance":"i","cluster":"homespan"}`                | GARBAGE
          `{"address":"a","instance":"i","cluster":"homespan"}`                 | GARBAGE
          `{"address":"a:0","instance":"i","cluster":"homespan"}`               | GARBAGE
          `{"address":"a:99999999999","instance":"i","cluster":"homespan"}`     | GARBAGE
          `{"address":"0.0.0.0:1","instance":"i","cluster":"homespan"}`         | GARBAGE
          `{"address":"2001:db8::1:1","instance":"i","cluster":"homespan"}`     | GARBAGE
          `{"address":"[2001:db8::1]:1","instance":"i","cluster":"homespan"}`   | OK
          `{"address":"a b:1","instance":"i","cluster":"homespan"}`             | GARBAGE
          `{"address":"1.2.3:1","instance":"i","cluster":"homespan"}`           | GARBAGE
          `{"address":7,"instance":"i","cluster":"homespan"}`                   | GARBAGE
          `{"address":"a:1","instance":"","cluster":"homespan"}`                | GARBAGE
          `{"address":"a:1","cluster":"homespan"}`                              | GARBAGE
          `{"address":"a:1"}`                                                   | GARBAGE
          `{`                                                                   | GARBAGE
          `[]`                                                                  | GARBAGE
          `null`                                                                | GARBAGE
          `hello`                                                               | GARBAGE
          """)
  void whatOthersWrite_isJudged(String text, Kind expected) {
    assertThat(kind(text, Layout.HOMESPAN)).isEqualTo(expected);
  }

  @Test
  void anAgentsEntry_isNoPeer_andNoGarbage() {
    String agent =
        "{\"My_address\":\"heartbeat_1\",\"My_port\":4000,\"Poll_timeout\":5000,\"Poll_interval\":10000}";
    assertThat(kind(agent, Layout.HEARTBEAT)).isEqualTo(Kind.AGENT);
    assertThat(kind(agent, Layout.HOMESPAN)).isEqualTo(Kind.GARBAGE);
    assertThat(kind(agent.replace("4000", "-1"), Layout.HEARTBEAT)).isEqualTo(Kind.GARBAGE);
    assertThat(kind(agent.replace("4000", "4e3"), Layout.HEARTBEAT)).isEqualTo(Kind.GARBAGE);
  }

  @Test
  void whatIsTooLong_isNotRead() {
    assertThat(kind(" ".repeat(Entry.MAX_BYTES + 1), Layout.HOMESPAN)).isEqualTo(Kind.OVERSIZED);
    assertThat(Entry.read(null, Layout.HOMESPAN, "homespan").kind()).isEqualTo(Kind.GARBAGE);
  }
}
