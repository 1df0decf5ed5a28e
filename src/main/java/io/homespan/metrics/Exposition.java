package io.homespan.metrics;

/** What a scraper gets: the text, and the content type that says how to read it. */
public record Exposition(String contentType, String text) {}
