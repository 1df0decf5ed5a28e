package io.homespan.sink;

import io.homespan.metrics.DropReason;
import io.homespan.metrics.ForwardStep;
import io.homespan.metrics.KeptAs;
import io.homespan.metrics.Metrics;
import io.homespan.metrics.RefuseReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** What a sink counts and shows; the rest is not a sink's to book. */
final class CountedMetrics implements Metrics {
  final Map<String, Integer> counts = new ConcurrentHashMap<>();
  final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public void gauge(String name, String help, DoubleSupplier value, String... tags) {
    gauges.put(name, value);
  }

  @Override
  public void count(String name, String help, long times, String... tags) {
    counts.merge(name + String.join(",", tags), (int) times, Integer::sum);
  }

  @Override
  public void request(Protocol protocol, String status) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void kept(From from, KeptAs as, int spans) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forwarded(From from, String peerId, int spans) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void refused(From from, RefuseReason reason, int spans) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void dropped(From from, DropReason reason, int spans) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void repeated(int spans) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forwardCall(String peerId, String outcome, double seconds) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forwardStep(ForwardStep step, int parts) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void circuit(String peerId, boolean open) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void table(int peers, String hash) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void lateOwner(int spans) {}

  @Override
  public void tableMismatch() {
    throw new UnsupportedOperationException();
  }
}
