package io.homespan.demo;

import io.homespan.metrics.Books;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A running node, as those outside see it.
 *
 * @param ingest where senders send to, without a path
 * @param admin where operators look, without a path
 * @param file of its file sink
 * @param books what it has booked so far; asked from any thread
 */
public record DemoNode(String name, URI ingest, URI admin, Path file, Supplier<Books> books) {}
