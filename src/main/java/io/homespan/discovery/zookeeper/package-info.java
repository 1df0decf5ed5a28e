/**
 * Nodes find one another in a directory of ZooKeeper: each keeps an ephemeral entry there, which
 * ZooKeeper takes away when the node's session ends, and watches those of the others. In come the
 * entries of the directory, out goes the set of addresses in them. In the layout of the
 * Distributed-trace agents their entries are told apart: they are measured, and are no peers.
 *
 * <p>{@link io.homespan.discovery.zookeeper.Entry} reads and writes an entry, {@link
 * io.homespan.discovery.zookeeper.Directory} decides what they say together; both are plain. {@link
 * io.homespan.discovery.zookeeper.ZooKeeperProvider} is the shell round them with the client.
 */
@NullMarked
package io.homespan.discovery.zookeeper;

import org.jspecify.annotations.NullMarked;
