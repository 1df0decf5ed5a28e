package io.homespan;

import static io.grpc.MethodDescriptor.generateFullMethodName;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/**
 * Plays a Distributed-trace agent by another gRPC library: registers in ZooKeeper, answers pings,
 * knows no other method, and pings whatever stands in the directory. As an agent ends when it finds
 * there what it can't read, that fails here.
 */
final class OtherAgent implements AutoCloseable {
  static final String DIRECTORY = "/distributed_trace/heart_beat_nodes";

  private static final MethodDescriptor<UnknownFieldSet, UnknownFieldSet> PING_NODE =
      MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(generateFullMethodName("message.WorkerService", "PingNode"))
          .setRequestMarshaller(new Fields())
          .setResponseMarshaller(new Fields())
          .build();

  private static final UnknownFieldSet SUCCESS =
      UnknownFieldSet.newBuilder()
          .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  private final CuratorFramework zookeeper;
  private final Server server;

  /** What those who pinged it said that its address is. */
  final List<String> pingedAs = new CopyOnWriteArrayList<>();

  private OtherAgent(CuratorFramework zookeeper, Server server) {
    this.zookeeper = zookeeper;
    this.server = server;
  }

  /** Starts one and registers it. */
  static OtherAgent start(String zookeeperServers) throws Exception {
    CuratorFramework zookeeper =
        CuratorFrameworkFactory.newClient(zookeeperServers, new RetryOneTime(100));
    zookeeper.start();
    OtherAgent[] itself = new OtherAgent[1];
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                ServerServiceDefinition.builder("message.WorkerService")
                    .addMethod(
                        PING_NODE,
                        ServerCalls.asyncUnaryCall(
                            (message, answer) -> {
                              itself[0].pingedAs.add(hostAddr(message));
                              answer.onNext(SUCCESS);
                              answer.onCompleted();
                            }))
                    .build())
            .build();
    OtherAgent agent = new OtherAgent(zookeeper, server);
    itself[0] = agent;
    server.start();
    agent.register("127.0.0.1", server.getPort());
    return agent;
  }

  /** Puts an entry there as an agent does, its own or another's. */
  void register(String host, int port) throws Exception {
    String data =
        "{\"My_address\":\"%s\",\"My_port\":%d,\"Poll_timeout\":5000,\"Poll_interval\":10000}"
            .formatted(host, port);
    zookeeper
        .create()
        .creatingParentsIfNeeded()
        .withProtection()
        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath(DIRECTORY + "/" + host + ":" + port, data.getBytes(StandardCharsets.UTF_8));
  }

  String id() {
    return "127.0.0.1:" + server.getPort();
  }

  /** All addresses that stand there, as it reads them: one for each entry. */
  List<String> registered() throws Exception {
    List<String> all = new CopyOnWriteArrayList<>();
    for (String name : zookeeper.getChildren().forPath(DIRECTORY)) {
      byte[] data;
      try {
        data = zookeeper.getData().forPath(DIRECTORY + "/" + name);
      } catch (KeeperException.NoNodeException e) {
        continue; // it went meanwhile
      }
      JsonObject json = new JsonObject(new String(data, StandardCharsets.UTF_8));
      assertThat(json.getInteger("Poll_timeout")).isEqualTo(5000);
      assertThat(json.getInteger("Poll_interval")).isEqualTo(10_000);
      all.add(json.getString("My_address") + ":" + json.getInteger("My_port"));
    }
    return all;
  }

  /** One round: pings all that are registered, itself included, and tells how that went. */
  Map<String, Boolean> pingAll() throws Exception {
    Map<String, Boolean> found = new TreeMap<>();
    for (String address : registered()) found.put(address, ping(address));
    return found;
  }

  private static boolean ping(String address) {
    int colon = address.lastIndexOf(':');
    int port = Integer.parseInt(address.substring(colon + 1));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address.substring(0, colon), port).usePlaintext().build();
    try {
      UnknownFieldSet answer =
          ClientCalls.blockingUnaryCall(
              channel,
              PING_NODE,
              CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
              UnknownFieldSet.newBuilder()
                  .addField(
                      1,
                      UnknownFieldSet.Field.newBuilder()
                          .addLengthDelimited(ByteString.copyFromUtf8(address))
                          .build())
                  .build());
      return answer.getField(1).getVarintList().equals(List.of(1L));
    } catch (StatusRuntimeException e) {
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  private static String hostAddr(UnknownFieldSet message) {
    assertThat(message.asMap()).containsOnlyKeys(1);
    return message.getField(1).getLengthDelimitedList().get(0).toStringUtf8();
  }

  @Override
  public void close() throws InterruptedException {
    zookeeper.close();
    server.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
  }

  /** Messages as their fields. */
  private static final class Fields implements MethodDescriptor.Marshaller<UnknownFieldSet> {
    @Override
    public InputStream stream(@Nullable UnknownFieldSet value) {
      return new ByteArrayInputStream(value == null ? new byte[0] : value.toByteArray());
    }

    @Override
    public UnknownFieldSet parse(InputStream stream) {
      try {
        return UnknownFieldSet.parseFrom(stream);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
