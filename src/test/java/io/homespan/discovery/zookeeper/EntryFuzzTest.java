package io.homespan.discovery.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.homespan.Thrift;
import io.homespan.discovery.zookeeper.Entry.Layout;

/** Whatever stands in ZooKeeper is judged, and what is believed can be written and read again. */
class EntryFuzzTest {
  @FuzzTest
  void read(byte[] bytes) throws Exception {
    for (Layout layout : Layout.values()) {
      Entry.Read read = Thrift.with(bytes.length, 512, () -> Entry.read(bytes, layout, "homespan"));
      Entry entry = read.entry();
      if (entry == null) continue;
      assertThat(entry.address().port()).isBetween(1, 65535);
      assertThat(Entry.read(entry.write(layout), layout, "homespan")).isEqualTo(read);
    }
  }
}
