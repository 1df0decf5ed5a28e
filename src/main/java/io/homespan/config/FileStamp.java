package io.homespan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * By what one version of a file is told from another. To be looked at now and then: what watches
 * directories misses a symlink that is swapped above the file, as Kubernetes does with a ConfigMap.
 *
 * @param inode or what the system has instead; null if it has nothing
 */
public record FileStamp(FileTime modified, long size, @Nullable Object inode) {
  /** Of the file as it is now. Blocks. */
  public static FileStamp of(Path path) throws IOException {
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    return new FileStamp(now.lastModifiedTime(), now.size(), now.fileKey());
  }
}
