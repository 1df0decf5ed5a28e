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
 * @param vague whether the peer did not say which parts they were in
 */
record Receipt(Reply reply, List<Integer> rejected, String message, boolean vague) {

  static Receipt of(Reply reply, List<Consignment> batch) {
    List<Integer> none = Collections.nCopies(batch.size(), 0);
    if (!(reply instanceof Reply.Answered answer) || answer.status() != GrpcCode.OK) {
      return new Receipt(reply, none, "", false);
    }
    try {
      ExportResponse response = ExportResponse.decode(answer.body());
      long sum = response.rejectedSpans();
      if (sum <= 0) return new Receipt(reply, none, "", false);
      List<Integer> told = Rejections.in(answer.body());
      if (told.size() == batch.size()) {
        return new Receipt(reply, bounded(told, batch), response.errorMessage(), false);
      }
      int spans = batch.stream().mapToInt(one -> one.part().spans()).sum();
      int rejected = (int) Math.min(sum, spans);
      List<Integer> shares = shares(rejected, spans, batch);
      if (batch.size() == 1) return new Receipt(reply, shares, response.errorMessage(), false);
      String message =
          rejected
              + " of "
              + spans
              + " spans of "
              + batch.size()
              + " requests were rejected, in one answer that does not say which: "
              + response.errorMessage();
      return new Receipt(reply, shares, message, true);
    } catch (MalformedException e) {
      return new Receipt(
          new Reply.Lost("an answer that can't be read: " + e.getMessage()), none, "", false);
    }
  }

  /** A peer of ours says how many of each part it rejected. */
  private static List<Integer> bounded(List<Integer> told, List<Consignment> batch) {
    List<Integer> shares = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      shares.add(Math.min(batch.get(i).part().spans(), told.get(i)));
    }
    return shares;
  }

  /**
   * From another receiver comes only the sum. Nobody can tell whose spans they were, so no request
   * is given more of them than the others: each part has its share by its spans. The books need
   * whole numbers, and what the shares before leave over goes to the next.
   */
  private static List<Integer> shares(int rejected, int spans, List<Consignment> batch) {
    List<Integer> shares = new ArrayList<>(batch.size());
    long seen = 0;
    int given = 0;
    for (Consignment one : batch) {
      seen += one.part().spans();
      int until = (int) (seen * rejected / spans);
      shares.add(until - given);
      given = until;
    }
    return shares;
  }
}
