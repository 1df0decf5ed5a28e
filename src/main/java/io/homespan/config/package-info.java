/**
 * One YAML file and the environment, in; one validated record tree, out. It finds all problems at
 * once and opens nothing: no port, no connection.
 *
 * <p>{@code ConfigLoader} reads the file; {@code ConfigReader} does all the rest without Vert.x's
 * event loop: {@code DataPrepperShape} finds what is to be read, {@code SectionReader} reads it by
 * the {@code Schema}, {@code Environment} overrides it, {@code Peers}, {@code Sinks} and {@code
 * CrossChecks} look at what keys say together. To add a key: a line in {@code Schema}, its place in
 * {@code Config} and {@code Assembly}, and its comment in {@code conf/homespan.yaml}; a test fails
 * until it stands there.
 */
@NullMarked
package io.homespan.config;

import org.jspecify.annotations.NullMarked;
