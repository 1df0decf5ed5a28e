package io.homespan.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The file that people copy, held against the schema. */
class ConfFileTest {
  private static final Path FILE = Path.of("conf/homespan.yaml");

  @Test
  void theConfFile_isTheDefaults_andWarnsOnlyOfTheMissingPeers() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Loaded read = ConfigLoader.load(vertx, FILE, Map.of(), Long.MAX_VALUE).await();
      Loaded defaults = ConfigLoader.defaults(Map.of(), Long.MAX_VALUE);
      assertThat(read).isEqualTo(defaults);
      assertThat(read.warnings())
          .extracting(Problem::keyPath)
          .containsExactly("peer_forwarder.static_endpoints");
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void everyKnownKey_standsInTheConfFile() throws Exception {
    JsonObject file = new JsonObject(new Yaml().<Map<String, Object>>load(Files.readString(FILE)));
    assertThat(Schema.KEYS).allSatisfy(key -> assertThat(holds(file, key.path())).isTrue());
  }

  @Test
  void everyKeyOfTheSchema_isInItsList_underAVariableOfItsOwn() throws Exception {
    List<Object> declared = new ArrayList<>();
    for (Field field : Schema.class.getDeclaredFields()) {
      if (field.getType() == Key.class) {
        declared.add(field.get(null));
      }
    }
    assertThat(Schema.KEYS).containsExactlyInAnyOrderElementsOf(cast(declared));
    assertThat(Schema.KEYS).extracting(Key::variable).doesNotHaveDuplicates();
  }

  private static List<Key<?>> cast(List<Object> keys) {
    return keys.stream().<Key<?>>map(key -> (Key<?>) key).toList();
  }

  private static boolean holds(JsonObject file, String path) {
    JsonObject at = file;
    String[] names = path.split("\\.", -1);
    for (int i = 0; i < names.length - 1; i++) {
      at = at.getJsonObject(names[i]);
    }
    return at.containsKey(names[names.length - 1]);
  }
}
