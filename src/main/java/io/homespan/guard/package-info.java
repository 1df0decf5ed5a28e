/**
 * Who may connect and who may call: certificates, keys and tokens, from their files to connections.
 *
 * <p>The {@code Keyring} has all of a node. {@code Pem} reads files into {@code Material}, checked;
 * {@code LiveFiles} reads them again when they change, and keeps what it has if they are no good.
 * {@code LiveTls} puts the present certificate on new connections, those that come in and those
 * that this node makes; open ones stay as they are. {@code LiveCredentials} knows callers by tokens
 * and passwords. What goes wrong is a {@code Reason}, counted and told by {@code Failures}: one
 * line a minute for each, however many come. {@code SecretCheck} looks at the files before a node
 * starts.
 *
 * <p>No message and no page shows a key, a token or a password.
 */
@NullMarked
package io.homespan.guard;

import org.jspecify.annotations.NullMarked;
