package io.homespan.config;

import io.homespan.config.Entry.Foreign;
import java.util.List;
import java.util.Set;

/** What Data Prepper knows and Homespan has no use for, and why. */
final class DataPrepperKeys {
  private static final String ACM = "certificates come from PEM files, never from AWS";
  private static final String CLOUD_MAP = "no cloud's registry is asked for peers";
  private static final String NO_THREADS =
      "calls do not block threads; peer_forwarder.max_calls_per_peer bounds them";
  private static final String RECEIVING =
      "what a peer sends goes straight to the sink; it is bounded by"
          + " peer_forwarder.server.max_requests_in_flight and max_bytes_in_flight";
  private static final String VERIFIED =
      "certificates are always verified; peer_forwarder.ssl_verify_host turns off what can be";
  private static final String PEM = "here the key is peer_forwarder.";

  /** Keys of {@code peer_forwarder}, both generations. */
  static final List<Foreign> PEER_FORWARDER =
      List.of(
          of(
              "target_port",
              "here the key is peer_forwarder.client.port, default 21891; never 21890, which is"
                  + " the ingest port, where all that arrives counts as sent by a sender"),
          of(
              "port",
              "here the keys are peer_forwarder.server.port, to listen at, and"
                  + " peer_forwarder.client.port, to call"),
          of("request_timeout", "here the key is ingest.request_timeout, in seconds"),
          of("client_timeout", "here the key is peer_forwarder.time_out, in seconds"),
          of("server_thread_count", NO_THREADS),
          of("client_thread_count", NO_THREADS),
          of(
              "max_connection_count",
              "peers are few; peer_forwarder.server.max_requests_in_flight bounds what they send"),
          of("max_pending_requests", RECEIVING),
          of("batch_size", RECEIVING),
          of("batch_delay", RECEIVING),
          of("buffer_size", RECEIVING),
          of("forwarding_batch_size", "here the key is peer_forwarder.span_agg_count"),
          of(
              "forwarding_batch_queue_depth",
              "here the key is peer_forwarder.max_backlog_bytes_per_peer"),
          of(
              "forwarding_batch_timeout",
              "here the key is peer_forwarder.span_agg_wait, in seconds"),
          of(
              "failed_forwarding_requests_local_write_timeout",
              "a part that no peer takes is kept here or refused, never dropped"),
          of("drain_timeout", "here the keys are drain_delay and shutdown_timeout, in seconds"),
          of("exclude_identification_keys", "spans are routed by trace id alone"),
          of("binary_codec", "peers speak OTLP and nothing else"),
          of("ssl_certificate_file", PEM + "sslKeyCertChainFile"),
          of("ssl_key_file", PEM + "sslKeyFile"),
          of("ssl_insecure_disable_verification", VERIFIED),
          of("ssl_fingerprint_verification_only", VERIFIED),
          of("authentication", "here the key is peer_forwarder.ssl_client_auth, on with ssl"),
          of("useAcmCertForSSL", ACM),
          of("acmCertificateArn", ACM),
          of("acmCertIssueTimeOutMillis", ACM),
          of("use_acm_certificate_for_ssl", ACM),
          of("acm_certificate_arn", ACM),
          of("acm_private_key_password", ACM),
          of("acm_certificate_timeout_millis", ACM),
          of("awsRegion", CLOUD_MAP),
          of("awsCloudMapNamespaceName", CLOUD_MAP),
          of("awsCloudMapServiceName", CLOUD_MAP),
          of("aws_region", CLOUD_MAP),
          of("aws_cloud_map_namespace_name", CLOUD_MAP),
          of("aws_cloud_map_service_name", CLOUD_MAP),
          of("aws_cloud_map_query_parameters", CLOUD_MAP));

  /** Keys that stand beside {@code peer_forwarder} in data-prepper-config.yaml. */
  static final Set<String> TOP =
      Set.of(
          "ssl",
          "serverPort",
          "server_port",
          "keyStoreFilePath",
          "key_store_file_path",
          "keyStorePassword",
          "key_store_password",
          "privateKeyPassword",
          "private_key_password",
          "metricRegistries",
          "metric_registries",
          "metricTags",
          "metric_tags",
          "metric_tag_filters",
          "disabled_metrics",
          "authentication",
          "processorShutdownTimeout",
          "processor_shutdown_timeout",
          "sinkShutdownTimeout",
          "sink_shutdown_timeout",
          "circuit_breakers",
          "source_coordination",
          "pipeline_shutdown",
          "event",
          "experimental",
          "extensions");

  private DataPrepperKeys() {}

  private static Foreign of(String name, String note) {
    return new Foreign("peer_forwarder." + name, note);
  }
}
