package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any resolv.conf gives full names to try for any name. */
class SearchListFuzzTest {
  @FuzzTest
  void expand(byte[] file) {
    List<String> lines = new String(file, StandardCharsets.UTF_8).lines().toList();
    SearchList search = SearchList.parse(lines);
    for (String name : List.of("peers", "peers.tier", "a.b.c.d.e.f", "peers.tier.")) {
      List<String> names = search.expand(name);
      assertThat(names).isNotEmpty();
      assertThat(names).hasSizeLessThanOrEqualTo(1 + search.domains().size());
      for (String full : names) assertThat(full).startsWith("" + name).endsWith(".");
    }
  }
}
