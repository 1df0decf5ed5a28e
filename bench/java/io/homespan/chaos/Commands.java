package io.homespan.chaos;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Answers each line of JSON on the input with one on the output, until the input ends. */
final class Commands {
  private Commands() {}

  static void answer(UnaryOperator<JsonObject> commands) throws IOException {
    System.out.println(new JsonObject().put("ready", true).encode());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(commands.apply(new JsonObject(line)).encode());
    }
  }

  static String host(String address) {
    return address.substring(0, address.lastIndexOf(':'));
  }

  static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }
}
