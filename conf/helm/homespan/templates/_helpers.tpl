{{- define "homespan.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "homespan.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "homespan.nodes" -}}
{{ include "homespan.selector" . }}
app.kubernetes.io/component: node
{{- end -}}

{{- define "homespan.labels" -}}
{{ include "homespan.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "homespan.account" -}}
{{- default (include "homespan.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "homespan.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The name that stands for all nodes; each pod has one of its own below it. */ -}}
{{- define "homespan.domain" -}}
{{- printf "%s-peers.%s.svc.%s" (include "homespan.fullname" .) .Release.Namespace .Values.clusterDomain -}}
{{- end -}}

{{- define "homespan.readyDomain" -}}
{{- printf "%s-ready.%s.svc.%s" (include "homespan.fullname" .) .Release.Namespace .Values.clusterDomain -}}
{{- end -}}

{{- define "homespan.ingestPort" -}}
{{- dig "ingest" "port" 21890 .Values.config | int -}}
{{- end -}}

{{- define "homespan.peerPort" -}}
{{- dig "peer_forwarder" "server" "port" 21891 .Values.config | int -}}
{{- end -}}

{{- define "homespan.adminPort" -}}
{{- dig "admin" "port" 21892 .Values.config | int -}}
{{- end -}}

{{- /* Whether the admin port is open to others than the pod itself. */ -}}
{{- define "homespan.adminOpen" -}}
{{- if or .Values.metrics.enabled (include "homespan.senderCertificates" .) -}}yes{{- end -}}
{{- end -}}

{{- define "homespan.senderCertificates" -}}
{{- if and .Values.tls.ingest.secretName (eq .Values.tls.ingest.clientAuth "required") -}}yes{{- end -}}
{{- end -}}

{{- define "homespan.ingestTls" -}}
{{- if or .Values.tls.ingest.secretName (dig "ingest" "ssl" false .Values.config) -}}yes{{- end -}}
{{- end -}}

{{- define "homespan.gateway" -}}
{{- if eq (dig "role" "node" .Values.config) "gateway" -}}yes{{- end -}}
{{- end -}}

{{- define "homespan.modes" -}}
{{- $mode := dig "peer_forwarder" "discovery_mode" "dns" .Values.config -}}
{{- if kindIs "slice" $mode -}}
{{- toJson $mode -}}
{{- else -}}
{{- list $mode | toJson -}}
{{- end -}}
{{- end -}}

{{- define "homespan.stored" -}}
{{- if eq (dig "acknowledge" "delivered" .Values.config) "stored" -}}yes{{- end -}}
{{- end -}}

{{- /* homespan.yaml: what stands in config, and what the chart knows better. */ -}}
{{- define "homespan.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $modes := include "homespan.modes" . | fromJsonArray -}}
{{- $domain := include "homespan.domain" . -}}
{{- /* a gateway's peers are somebody else's */ -}}
{{- $gateway := include "homespan.gateway" . -}}
{{- $peers := dig "peer_forwarder" dict $config -}}
{{- $discovery := dig "discovery" dict $config -}}
{{- /* the dot: a full name, so that no search list is gone through at each look-up */ -}}
{{- if and (has "dns" $modes) (not $peers.domain_name) (not $gateway) -}}
{{- $_ := set $peers "domain_name" (printf "%s." $domain) -}}
{{- end -}}
{{- if and (has "dns_srv" $modes) (not $gateway) (not (dig "dns_srv" "names" "" $discovery)) -}}
{{- $_ := set $discovery "dns_srv" (dict "names" (printf "_peer._tcp.%s." $domain)) -}}
{{- end -}}
{{- if and (has "kubernetes" $modes) (not $gateway) (not (dig "kubernetes" "service" "" $discovery)) -}}
{{- $own := dig "kubernetes" dict $discovery -}}
{{- $_ := set $own "service" (printf "%s-peers" (include "homespan.fullname" .)) -}}
{{- $_ := set $discovery "kubernetes" $own -}}
{{- end -}}
{{- $port := include "homespan.peerPort" . | int -}}
{{- if and (ne $port 21891) (not $gateway) (not (dig "client" "port" 0 $peers)) -}}
{{- $_ := set $peers "client" (dict "port" $port) -}}
{{- end -}}
{{- if include "homespan.stored" . -}}
{{- $journal := dig "journal" dict $config -}}
{{- if not $journal.path -}}
{{- $_ := set $journal "path" "/var/lib/homespan/journal" -}}
{{- end -}}
{{- $_ := set $config "journal" $journal -}}
{{- end -}}
{{- if include "homespan.adminOpen" . -}}
{{- $admin := dig "admin" dict $config -}}
{{- if not $admin.host -}}
{{- $_ := set $admin "host" "0.0.0.0" -}}
{{- end -}}
{{- $_ := set $config "admin" $admin -}}
{{- end -}}
{{- if .Values.tls.ingest.secretName -}}
{{- $ingest := dig "ingest" dict $config -}}
{{- $_ := set $ingest "ssl" true -}}
{{- $_ := set $ingest "ssl_certificate_file" "/etc/homespan-tls/ingest/tls.crt" -}}
{{- $_ := set $ingest "ssl_key_file" "/etc/homespan-tls/ingest/tls.key" -}}
{{- if include "homespan.senderCertificates" . -}}
{{- $_ := set $ingest "ssl_client_auth" "required" -}}
{{- $_ := set $ingest "ssl_client_ca_file" "/etc/homespan-tls/ingest/ca.crt" -}}
{{- end -}}
{{- $_ := set $config "ingest" $ingest -}}
{{- end -}}
{{- if .Values.tls.peers.secretName -}}
{{- $_ := set $peers "ssl" true -}}
{{- $_ := set $peers "sslKeyCertChainFile" "/etc/homespan-tls/peers/tls.crt" -}}
{{- $_ := set $peers "sslKeyFile" "/etc/homespan-tls/peers/tls.key" -}}
{{- $_ := set $peers "ssl_ca_file" "/etc/homespan-tls/peers/ca.crt" -}}
{{- /* peers are called at addresses, which no certificate holds */ -}}
{{- if not (or $peers.ssl_peer_name (include "homespan.gateway" .)) -}}
{{- $_ := set $peers "ssl_peer_name" $domain -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "peer_forwarder" $peers -}}
{{- if $discovery -}}
{{- $_ := set $config "discovery" $discovery -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- /* The part of it that needs a restart: a running node takes over the rest by itself (README, Change without restart). */ -}}
{{- define "homespan.settled" -}}
{{- $config := include "homespan.config" . | fromYaml -}}
{{- $peers := dig "peer_forwarder" dict $config -}}
{{- $client := omit (dig "client" dict $peers) "port" -}}
{{- $peers = omit $peers "client" "discovery_mode" "static_endpoints" "domain_name" "time_out" "span_agg_count" "span_agg_wait" -}}
{{- $discovery := dict -}}
{{- range $key, $value := dig "discovery" dict $config -}}
{{- if not (kindIs "map" $value) -}}
{{- $_ := set $discovery $key $value -}}
{{- end -}}
{{- end -}}
{{- list (omit $config "peer_forwarder" "discovery") $peers $client $discovery | toJson -}}
{{- end -}}

{{- define "homespan.javaOptions" -}}
{{- printf "-XX:+UseG1GC -XX:MaxRAMPercentage=%d -XX:ActiveProcessorCount=%d -XX:+ExitOnOutOfMemoryError %s" (int .Values.jvm.heapPercent) (int .Values.jvm.processors) .Values.jvm.options | trim -}}
{{- end -}}

{{- /* What a schema cannot say. */ -}}
{{- define "homespan.check" -}}
{{- if and .Values.balancer.enabled (include "homespan.ingestTls" .) -}}
{{- fail "balancer.enabled with tls.ingest.secretName: this balancer reads requests and speaks no TLS; take conf/balancers/haproxy-tls.cfg, or leave one of them out" -}}
{{- end -}}
{{- $drain := dig "drain_delay" 5 .Values.config | float64 -}}
{{- $seen := mulf .Values.probes.readiness.periodSeconds .Values.probes.readiness.failureThreshold -}}
{{- if lt $drain (float64 $seen) -}}
{{- fail (printf "config.drain_delay %v is less than probes.readiness needs to fail, periodSeconds * failureThreshold = %v: nodes that leave would refuse senders; raise it" $drain $seen) -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (include "homespan.stored" .) -}}
{{- fail "autoscaling.enabled with config.acknowledge: stored: a node that is scaled away leaves what its journal holds undelivered; set one of them otherwise, and scale by hand when homespan_journal_records is 0" -}}
{{- end -}}
{{- end -}}
