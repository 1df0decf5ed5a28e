package io.homespan;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom. */
class ArchitectureTest {
  private static final List<String> VERTICLES =
      List.of("ingest", "discovery", "egress", "sink", "journal", "admin");

  private static final JavaClasses HOMESPAN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.homespan");

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.homespan.(*)..").should().beFreeOfCycles().check(HOMESPAN);
  }

  @Test
  void nobodyKnowsTheRoot() {
    noClasses()
        .that(resideInAPackage("io.homespan.*.."))
        .should()
        .dependOnClassesThat(resideInAPackage("io.homespan"))
        .check(HOMESPAN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest", "discovery", "egress", "sink", "journal", "admin"})
  void verticlesMeetOnTheBusOnly(String verticle) {
    String[] others =
        VERTICLES.stream()
            .filter(other -> !other.equals(verticle))
            .map(other -> "io.homespan." + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that(resideInAPackage("io.homespan." + verticle + ".."))
        .should()
        .dependOnClassesThat(resideInAnyPackage(others))
        .check(HOMESPAN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"otlp", "mesh"})
  void deciders_knowNothingOfOurs_andOfVertxTheBufferOnly(String decider) {
    DescribedPredicate<JavaClass> ours =
        resideInAPackage("io.homespan..")
            .and(not(resideInAPackage("io.homespan." + decider + "..")));
    DescribedPredicate<JavaClass> machinery =
        resideInAnyPackage("io.vertx..", "io.netty..")
            .and(describe("other than Buffer", one -> !one.isEquivalentTo(Buffer.class)));
    noClasses()
        .that(resideInAPackage("io.homespan." + decider + ".."))
        // its bytes are read in place, which Buffer alone does not allow
        .and(describe("are not RawBytes", one -> !isOrIsIn(one, "io.homespan.otlp.RawBytes")))
        .should()
        .dependOnClassesThat(ours.or(machinery))
        .check(HOMESPAN);
  }

  @Test
  void theJournalsLibrary_isTouchedByTwoClassesOnly() {
    noClasses()
        .that(
            describe(
                "are not RecordLog and its guard",
                one ->
                    !isOrIsIn(one, "io.homespan.journal.RecordLog")
                        && !isOrIsIn(one, "io.homespan.journal.CheckedJournal")))
        .should()
        .dependOnClassesThat(resideInAPackage("org.apache.activemq.."))
        .check(HOMESPAN);
  }

  @Test
  void reportersAreKnownToTheRootOnly_andKafkaToThemAndTheirKeys() {
    noClasses()
        .that(resideInAPackage("io.homespan.*.."))
        .and(not(resideInAPackage("io.homespan.report..")))
        .should()
        .dependOnClassesThat(resideInAPackage("io.homespan.report.."))
        .check(HOMESPAN);
    noClasses()
        .that(
            describe(
                "are not KafkaReporter and ReportRules",
                one ->
                    !isOrIsIn(one, "io.homespan.report.KafkaReporter")
                        && !isOrIsIn(one, "io.homespan.config.ReportRules")))
        .should()
        .dependOnClassesThat(resideInAPackage("org.apache.kafka.."))
        .check(HOMESPAN);
  }

  @Test
  void vertxsInsides_areTouchedByFewClassesOnly() {
    classes()
        .that(
            describe(
                "touch Vert.x's insides",
                one ->
                    one.getDirectDependenciesFromSelf().stream()
                        .map(to -> to.getTargetClass().getPackageName())
                        .anyMatch(
                            in -> in.startsWith("io.vertx.core.internal") || in.endsWith(".impl"))))
        .should(
            com.tngtech.archunit.lang.conditions.ArchConditions.be(
                describe(
                    "RawBytes, Question, Dialer, CallServer, CallLane, Incoming, Callers or DnsResolver",
                    one ->
                        isOrIsIn(one, "io.homespan.otlp.RawBytes")
                            || isOrIsIn(one, "io.homespan.bus.Question")
                            || isOrIsIn(one, "io.homespan.rpc.Dialer")
                            || isOrIsIn(one, "io.homespan.rpc.CallServer")
                            || isOrIsIn(one, "io.homespan.rpc.CallLane")
                            || isOrIsIn(one, "io.homespan.rpc.Incoming")
                            || isOrIsIn(one, "io.homespan.ingest.Callers")
                            || isOrIsIn(one, "io.homespan.discovery.DnsResolver"))))
        .check(HOMESPAN);
  }

  private static boolean isOrIsIn(JavaClass one, String name) {
    return one.getName().equals(name) || one.getName().startsWith(name + "$");
  }
}
