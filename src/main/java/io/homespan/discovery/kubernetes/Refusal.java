package io.homespan.discovery.kubernetes;

import io.homespan.discovery.LookupException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** What the API means by an answer that is none. */
final class Refusal {
  static final int GONE = 410;

  private Refusal() {}

  /**
   * In words.
   *
   * @param body perhaps a Status of Kubernetes, perhaps a proxy's page
   */
  static LookupException of(int status, Buffer body, String namespace, String tokenFile) {
    String said = said(body);
    return switch (status) {
      case 401 ->
          new LookupException(
              "unauthorized",
              "the API does not accept the token in discovery.kubernetes.token_file "
                  + tokenFile
                  + said
                  + "; the file is read again with each try");
      case 403 ->
          new LookupException(
              "forbidden",
              "the service account may not: it needs the verbs get, list and watch on"
                  + " endpointslices.discovery.k8s.io in namespace "
                  + namespace
                  + ", as in conf/kubernetes/rbac.yaml"
                  + said);
      case 404 ->
          new LookupException(
              "missing",
              "the API knows no discovery.k8s.io/v1: is discovery.kubernetes.api right, and the"
                  + " cluster of version 1.21 or later?"
                  + said);
      default ->
          new LookupException(
              status == 429 || status >= 500 ? "unavailable" : "error",
              "the API answered HTTP " + status + said);
    };
  }

  private static String said(Buffer body) {
    try {
      JsonObject json = Json.parse(body);
      String message = Json.text(json, "message");
      return message.isEmpty() ? "" : " (" + Json.shown(message) + ")";
    } catch (LookupException e) {
      return "";
    }
  }
}
