package dev.tailor.workflow.hub;

import dev.tailor.core.ErrorCode;
import dev.tailor.core.TailorException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The Hub over HTTP. Only the Hub itself sees the token, not the hosts it redirects to.
final class HubSite {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MOST_LISTING_BYTES = 32 << 20;
    private static final int MOST_REDIRECTS = 8;

    private final URI endpoint;
    private final Optional<String> token;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(Duration.ofSeconds(20))
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    HubSite(URI endpoint, Optional<String> token) {
        this.endpoint = endpoint;
        this.token = token;
    }

    /// What a revision of a repository consists of.
    ///
    /// @param commit of the revision, 40 hexadecimal digits
    /// @param files those that a model directory needs
    /// @param leftOut the names of the others
    record Listing(String commit, List<HubFile> files, List<String> leftOut) {}

    Listing list(String repository, String revision) {
        String path =
                "/api/models/" + repository + "/revision/" + encoded(revision) + "?blobs=true";
        JsonNode json;
        try (InputStream body = get(path, 0)) {
            json = JSON.readTree(body.readNBytes(MOST_LISTING_BYTES));
        } catch (IOException e) {
            throw unreachable(e);
        } catch (JacksonException e) {
            throw TailorException.of(
                            ErrorCode.FILE_CORRUPT,
                            endpoint + " answers with something else than JSON")
                    .causedBy(e);
        }
        String commit = json.path("sha").asString("");
        if (!commit.matches("[0-9a-f]{40}")) {
            throw TailorException.of(
                    ErrorCode.FILE_CORRUPT, endpoint + " names no commit of " + repository);
        }
        List<HubFile> files = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        for (JsonNode file : json.path("siblings")) {
            String name = file.path("rfilename").asString("");
            if (HubFile.isWanted(name)) {
                String large = file.path("lfs").path("sha256").asString("");
                String blob = large.isEmpty() ? file.path("blobId").asString("") : large;
                files.add(new HubFile(name, file.path("size").asLong(-1), blob));
            } else {
                leftOut.add(name);
            }
        }
        return new Listing(commit, files, leftOut);
    }

    /// The bytes of a file from byte `from` on.
    InputStream open(String repository, String commit, HubFile file, long from) throws IOException {
        return get("/" + repository + "/resolve/" + commit + "/" + encoded(file.name()), from);
    }

    private InputStream get(String path, long from) throws IOException {
        URI uri = URI.create(endpoint.toString().replaceFirst("/+$", "") + path);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            HttpResponse<InputStream> response = send(uri, from);
            switch (response.statusCode()) {
                case 200 -> {
                    InputStream body = response.body();
                    body.skipNBytes(from);
                    return body;
                }
                case 206 -> {
                    return response.body();
                }
                case 301, 302, 303, 307, 308 -> {
                    response.body().close();
                    URI here = uri;
                    uri =
                            response.headers()
                                    .firstValue("location")
                                    .map(here::resolve)
                                    .orElseThrow(() -> new IOException("a redirect to nowhere"));
                }
                default -> {
                    response.body().close();
                    throw refused(response.statusCode(), path);
                }
            }
        }
        throw new IOException("too many redirects");
    }

    private HttpResponse<InputStream> send(URI uri, long from) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofMinutes(1))
                        .header("User-Agent", "tailor");
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (isOurs(uri)) {
            token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TailorException.of(ErrorCode.INTERRUPTED, "stopped while fetching a model");
        } catch (IllegalArgumentException e) {
            throw new IOException("an address that is none: " + uri, e);
        }
    }

    private boolean isOurs(URI uri) {
        return endpoint.getScheme().equals(uri.getScheme())
                && endpoint.getAuthority().equals(uri.getAuthority());
    }

    private TailorException refused(int status, String path) {
        String where = endpoint.getAuthority() + path.replaceFirst("\\?.*", "");
        TailorException refusal =
                TailorException.of(
                        ErrorCode.FILE_NOT_FOUND, "HTTP status " + status + " for " + where);
        return switch (status) {
            case 401, 403 ->
                    refusal.remedy(
                            token.isPresent()
                                    ? "the token in HF_TOKEN may not read it, or its licence has"
                                            + " yet to be accepted on the Hub"
                                    : "there is no such model, or it needs a token: set HF_TOKEN");
            case 404 -> refusal.remedy("look at the model's name and revision");
            default -> refusal.remedy("try again later");
        };
    }

    /// What to say where the Hub cannot be reached.
    TailorException unreachable(IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return TailorException.of(ErrorCode.FILE_NOT_FOUND, endpoint + " does not answer: " + why)
                .remedy(
                        "without a network, copy the model here and name its directory; a mirror is"
                                + " named by HF_ENDPOINT")
                .causedBy(e);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
