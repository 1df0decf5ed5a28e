package io.homespan;

import io.homespan.bus.Topics;
import io.homespan.config.Config;
import io.homespan.config.ConfigChange;
import io.homespan.config.ConfigException;
import io.homespan.config.ConfigWatch;
import io.homespan.config.Loaded;
import io.homespan.config.Problem;
import io.homespan.metrics.Metrics;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what changes in a node's configuration file to its verticles, as far as it can change
 * while they run, and tells of the rest. A file with a mistake in it changes nothing.
 */
final class LiveConfig {
  private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);
  private static final String READ = "homespan_config_reads_total";
  private static final String READ_HELP = "Times that a changed configuration file was read";

  private final Vertx vertx;
  private final Metrics metrics;
  private final ConfigWatch watch;
  private Loaded running;

  /**
   * @param running what the node was started with
   */
  LiveConfig(Vertx vertx, Path file, Loaded running, Metrics metrics) {
    boolean agent = running.config().role() == Config.Role.AGENT;
    this.vertx = vertx;
    this.metrics = metrics;
    this.running = running;
    this.watch =
        new ConfigWatch(
            vertx, file, () -> Configured.from(vertx, file, agent), this::changed, this::refused);
    for (String result : new String[] {"taken", "refused"}) count(result, 0);
  }

  /** Watches until the node's Vert.x is closed. */
  void start() {
    vertx.runOnContext(go -> watch.start());
  }

  private void changed(Loaded next) {
    ConfigChange change = ConfigChange.between(running, next);
    change.refused().forEach(sentence -> LOG.warn("configuration: {}", sentence));
    change.taken().forEach(sentence -> LOG.info("configuration: {}", sentence));
    if (!change.taken().isEmpty() || !change.refused().isEmpty()) count("taken", 1);
    if (change.taken().isEmpty()) return;
    for (Problem warning : next.warnings()) LOG.warn("configuration: {}", warning);
    running = change.running(running, next);
    Config config = change.config();
    Topics.CONFIG_CURRENT.publish(vertx, config);
  }

  private void refused(Throwable cause) {
    count("refused", 1);
    if (cause instanceof ConfigException wrong) {
      for (Problem problem : wrong.problems()) LOG.error("configuration: {}", problem);
    } else {
      LOG.error("configuration can't be read", cause);
    }
    LOG.error("configuration: the one before goes on");
  }

  private void count(String result, long times) {
    metrics.count(READ, READ_HELP, times, "result", result);
  }
}
