package io.homespan.egress;

import io.homespan.otlp.ExportResponse;
import io.homespan.otlp.MalformedException;
import io.homespan.otlp.Rejections;
import io.homespan.rpc.GrpcCode;
import io.homespan.rpc.Reply;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a reply says about each part of the call.
 *
 * @param reply the reply; {@code Lost} if it is an OK that can't be read
 * @param rejected for each part, how many of its spans were rejected for good
 * @param message what the peer says about the rejected, or ""
 */
record Receipt(Reply reply, List<Integer> rejected, String message) {

  static Receipt of(Reply reply, List<Consignment> batch) {
    List<Integer> none = Collections.nCopies(batch.size(), 0);
    if (!(reply instanceof Reply.Answered answer) || answer.status() != GrpcCode.OK) {
      return new Receipt(reply, none, "");
    }
    try {
      ExportResponse response = ExportResponse.decode(answer.body());
      if (response.rejectedSpans() == 0) return new Receipt(reply, none, "");
      List<Integer> told = Rejections.in(answer.body());
      return new Receipt(
          reply, shares(told, response.rejectedSpans(), batch), response.errorMessage());
    } catch (MalformedException e) {
      return new Receipt(
          new Reply.Lost("an answer that can't be read: " + e.getMessage()), none, "");
    }
  }

  /**
   * A peer of ours says how many of each part it rejected; from another receiver comes only the
   * sum, which is laid on the parts in order.
   */
  private static List<Integer> shares(List<Integer> told, long sum, List<Consignment> batch) {
    List<Integer> shares = new ArrayList<>(batch.size());
    long left = sum;
    for (int i = 0; i < batch.size(); i++) {
      long most = batch.get(i).part().spans();
      long share = Math.min(most, told.size() == batch.size() ? told.get(i) : left);
      shares.add((int) share);
      left -= share;
    }
    return shares;
  }
}
