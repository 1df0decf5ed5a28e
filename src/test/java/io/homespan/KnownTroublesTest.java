package io.homespan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What users of other systems that bring the spans of a trace together ran into, and the test of
 * ours that holds it. That such a test is still there is all that is tested here. What comes with
 * features that do not exist yet (TLS, assembly, balancers) is to be added with them.
 */
class KnownTroublesTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          two nodes slower than one, since all wait for the slowest peer            | egress.CourierTest.aSlowPeer_delaysNobodyElse
          a span waits for a batch to fill although nothing is under way            | egress.LineTest.anIdleLine_sendsAtOnce
          limits that can't work together, found out under load                     | config.WrongFilesTest.aWrongFile_isRefused
          nobody can tell whether spans were lost                                   | metrics.MicrometerMetricsTest.everyFate_isReceivedToo_soTheBooksBalance
          answered OK and lost later, when a process dies                           | ProcessTest.aNodeKilledWhileSendersSend_losesNothingThatWasAnsweredOk
          answered OK though a full queue threw the spans away                      | FullTest.aTierWhoseNodesAllAreFull_recoversByItself_underTheSameLoad
          what could not be placed is told as rejected, and the sender gives it up  | ingest.AnswersTest.whatHasNoHomeNow_mayComeAgain_neverAsPartial
          an answer cut off by UDP hides good nodes                                 | discovery.DnsProviderTest.anAnswerCutOffOnUdp_thatTcpDoesNotBring_isNoAnswer
          a start waits for ever for a name that does not resolve                   | DnsTierTest.aDomainThatDoesNotResolveAtStart_isSaid_andRecovered
          a look-up that fails or is empty leaves nobody to send to                 | DnsTierTest.emptyAndFailedAnswers_changeNothing
          spans that come before anybody is known crash the process                 | ingest.AnswersTest.whileNotReady_everythingIsRefused_withAHint
          anybody who can send a datagram can join                                  | discovery.udp.BeaconBookTest.aBeaconInWhichAnyBitWasChanged_isNotBelieved
          who was heard once is a peer for ever                                     | discovery.udp.BeaconBookTest.whoIsHeard_isThere_andGone_whenHeardNoMore
          who leaves is found again while it leaves                                 | discovery.RosterTest.whoLeaves_isOutAtOnce_andNoLookUpBringsItBack
          answers with a random part of the nodes prune the rest                    | discovery.ListingTest.randomSubsets_pruneNobody
          a registry that refuses leaves nobody                                     | discovery.kubernetes.KubernetesProviderTest.aRefusal_isToldInWords_andNothingIsLost
          a watch that fell behind shows old addresses for ever                     | discovery.kubernetes.KubernetesProviderTest.whatTheApiHasForgotten_isListedAnew_andIsNoFailure
          an entry that went with its session never comes back                      | discovery.zookeeper.ZooKeeperProviderTest.aNodeWhoseSessionHasEnded_comesBack
          a short name does not resolve, and nothing says so                        | PeersCommandTest.aNameThatDoesNotExist_isSaid_withWhatWouldMendIt
          one way to find peers at a time, so moving leaves a gap                   | discovery.ListingTest.betweenTwoWaysToFindPeers_noGapOpens
          an empty address becomes ":port", and a node calls itself                 | discovery.OwnProvidersTest.emptyAndMalformedAddresses_areDropped_andCounted
          traces in pieces as soon as there are several nodes                       | DemoCommandTest.theDemo_provesThatTracesAreWhole
          a new version places traces otherwise than the old one beside it          | mesh.OwnerTableTest.theFunctionStaysAsItIs
          nodes that see different peers, and nobody notices                        | discovery.RosterTest.anotherOwnerTable_isAProblem_afterMoreThanThreeRounds
          nodes that see different peers pass spans on in circles                   | ingest.PeerPortTest.aForeignRequest_isCut_andKept_whoeverOwnsIt
          the busiest node has several times the work of the quietest               | mesh.OwnerTableTest.loadIsEven_forRandomIds
          who comes or goes moves traces between the others                         | mesh.OwnerTableTest.whoJoinsOrLeaves_movesItsOwnShareOnly
          a port for peers that takes serialized objects from anybody               | ingest.PeerPortTest.itSpeaksGrpcOnly
          a shutdown loses what is on its way                                       | DrainTest.aNodeThatLeavesUnderLoad_losesNothingThatWasAnsweredOk
          what waits for a peer that was taken off the list is lost                 | egress.CourierTest.whatWaitsForAPeerThatLeft_goesByTheNewTable
          customers' data in the log when something fails                           | ProcessTest.whatSpansSay_isNeverLogged_howeverWrongTheyAre
          a span with a bad id, or bytes that are none, end in a stack trace        | ingest.AnswersTest.spansWithoutATraceId_areRejected_andTheOthersAreKept
          memory grows with the load until the process is killed                    | ingest.LimitsTest.tooManyBytes_areRefusedWithAHint
          memory grows with what waits for one slow peer                            | egress.CourierTest.whatAFullPeerMakesWait_countsAgainstItsBacklog_soOthersFindRoom
          memory jumps with the number of peers                                     | egress.LineTest.whatWaits_isBounded_butOnePartIsAlwaysTaken
          one peer fails, and everything is sent again to all                       | RepeatsTest.aRequestSentAgainAfterARefusal_placesWhatIsMissingOnly
          one bad span takes all that was sent with it along                        | egress.CourierTest.ofACallThatIsRefusedForItsData_eachPartIsTriedAlone_andOnlyThePoisonIsDropped
          a dead peer on the list loses its share for ever                          | OutageTest.theDeadOnesTraces_goToTheRunnerUp_thenToTheLast_andBack
          a dead peer slows what does not need it                                   | OutageTest.oneOfFiveKilledUnderLoad_costsItsOwnShareOnly_andNoSurvivorHasASpanTwice
          a refused connection drops what was to go over it                         | egress.CourierTest.aRefusedConnection_leadsToTheRunnerUp_atOnce
          a silent peer holds everything up, one time-out after the other           | egress.CourierTest.whenTheCircuitOpens_whatWaitsGoesToStandIns_withoutACall
          each thread finds out by itself that a peer is dead                       | egress.CourierTest.whatEventLoopsLearn_theOthersKnow_andNobodyElseWaitsForATimeOut
          a peer that is back gets nothing until something is restarted             | egress.CourierTest.aPeerThatDiscoveryHearsAgain_getsItsTracesBack_atOnce
          a connection that has ended is used on until the list changes             | rpc.UnaryClientTest.aServerThatGoesAway_finishesWhatItHas_andTheNextCallHasAConnectionOfItsOwn
          too few live members, and nothing is taken any more                       | egress.CourierTest.ifNobodyCanBeReached_thisNodeKeepsAll_butGoesOnTrying_andStopsWhenOneIsBack
          a dead member keeps the others from becoming ready                        | discovery.DiscoveryTest.whoStartsWhileAPeerIsDown_buildsItsNeighboursTable
          a member that crashed looks well for a minute                             | egress.CircuitTest.whileDiscoveryDoesNotHearThePeerEither_oneFailureIsEnough_andThePauseLong
          failed spans counted several times, queued ones as sent                   | egress.CourierPropertyTest.whateverPeersDo_everySpanHasOneFate
          the metrics page fails when peers come and go                             | metrics.MicrometerMetricsTest.peersBeyondTheBound_shareTheirSeries_andNoSpanIsLostFromTheBooks
          routing stops while members change                                        | DnsTierTest.nodesThatJoinAndLeaveDns_joinAndLeaveTheTier_onAllNodesAlike
          work that is worth nothing: each trace taken apart and put together again | otlp.CutterTest.aRequestOfOneOwner_isPassedOnUntouched
          a name that is one virtual address splits traces in silence               | discovery.RosterTest.anAddressWhereNodesAnswerInTurn_isAWarning_andStandsUnderItsText
          two nodes of one host can't be told apart                                 | discovery.DiscoveryTest.threeNodesOnOneHost_holdEqualTables
          behind address translation a node does not know itself                    | discovery.DiscoveryTest.aBrokenHairpin_givesTheAddressOfTheCaller
          peers are lost when who tells of them restarts                            | discovery.RosterTest.aTierIsNeverEmptied
          a key that is misspelt is ignored                                         | ProcessTest.aWrongConfiguration_endsWithTwo_andSaysAllOfIt
          told to come again without being told when, so senders give up            | ingest.LimitsTest.tooManyRequests_areRefusedWithAHint_andPeersHaveRoomOfTheirOwn
          no health check where the data comes in                                   | ingest.ReadinessTest.overGrpc
          protection against overload that does not end with it                     | ingest.ValveTest.ifLittleGetsDone_allAreReadFrom_untilThereIsRoomAgain
          a backend that slows down: who is told?                                   | BackendTest.aBackendThatTakesNothingForAWhile_costsNothing_ifSendersComeAgain
          one backend that is stuck stops all that goes elsewhere                   | FullTest.oneNodeWhoseBackendIsStuck_refusesItsShareOnly
          senders need to know all nodes                                            | RepeatsTest.aWholeRequestSentAgain_duplicatesNothing_whoeverGetsIt
          a broken buffer on disk keeps the process from starting                   | journal.RecordLogTest.filesOfNothingButRubbish_keepNothingFromStarting
          a buffer on disk that grows beyond the disk                               | StoredTest.aFullJournal_refusesWithAHint_untilThereIsRoomAgain
          """)
  void whatOthersRanInto_isHeldByATest(String trouble, String test) throws Exception {
    int dot = test.lastIndexOf('.');
    Class<?> in = Class.forName("io.homespan." + test.substring(0, dot));
    List<Method> named =
        Arrays.stream(in.getDeclaredMethods())
            .filter(method -> method.getName().equals(test.substring(dot + 1)))
            .toList();
    assertThat(named)
        .as("the test for: %s", trouble)
        .hasSize(1)
        .allMatch(
            method ->
                method.isAnnotationPresent(Test.class)
                    || method.isAnnotationPresent(ParameterizedTest.class));
  }
}
