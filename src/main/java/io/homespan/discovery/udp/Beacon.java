package io.homespan.discovery.udp;

import io.homespan.discovery.Address;

/**
 * What a node says of itself to everybody in reach.
 *
 * @param instance names the process: drawn at random when it starts
 * @param address where peers reach it
 * @param sentAt its time, in milliseconds since 1970
 * @param sequence grows with each beacon of the process
 * @param leaving whether it is its last
 */
record Beacon(String instance, Address address, long sentAt, long sequence, boolean leaving) {}
