package io.homespan.heartbeat;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A wall clock that is set cannot change what is measured: it is not looked at. */
class ClockTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importClasses(
              Cells.class,
              Matrix.class,
              MeshGauges.class,
              Pinger.class,
              Reading.class,
              Rota.class,
              Row.class,
              Rows.class,
              Samples.class,
              Subset.class,
              SynSignature.class,
              Targets.class);

  /** The verticle writes the time of day into records, where it decides nothing. */
  @Test
  void nothingThatMeasures_knowsTheTimeOfDay() {
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(ALL);
    noClasses().should().dependOnClassesThat().areAssignableTo(Instant.class).check(ALL);
    noClasses().should().dependOnClassesThat().areAssignableTo(Clock.class).check(ALL);
  }
}
