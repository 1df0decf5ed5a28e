package io.homespan.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SearchListTest {
  private final SearchList kubernetes =
      SearchList.parse(
          List.of(
              "# comment",
              "",
              "nameserver 10.96.0.10",
              "search svc.local  local",
              "options ndots:2 edns0"));

  @Test
  void aShortName_isTriedInTheDomainsFirst() {
    assertThat(kubernetes.expand("Tier"))
        .containsExactly("tier.svc.local.", "tier.local.", "tier.");
  }

  @Test
  void aNameWithEnoughDots_isTriedAsItStandsFirst() {
    assertThat(kubernetes.expand("tier.a.b"))
        .containsExactly("tier.a.b.", "tier.a.b.svc.local.", "tier.a.b.local.");
  }

  @Test
  void aDotAtTheEnd_endsTheName() {
    assertThat(kubernetes.expand("tier.")).containsExactly("tier.");
  }

  @Test
  void withoutAList_aNameStandsForItself() {
    assertThat(SearchList.NONE.expand("tier")).containsExactly("tier.");
    assertThat(SearchList.parse(List.of("search .")).expand("tier")).containsExactly("tier.");
  }
}
