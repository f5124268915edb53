package control

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
)

// longestSocket is how many bytes the path of a unix socket may have on every system that has any.
const longestSocket = 103

// Places returns where the control socket of the taskvisor that runs a file may be, the best first: beside the file, and where that
// cannot be written or its path is too long, in a folder of the user's own.
func Places(file string) []string {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil { // whichever way led here
		file = filepath.Join(folder, filepath.Base(file))
	}
	places := []string{filepath.Join(filepath.Dir(file), ".taskvisor-"+filepath.Base(file)+".sock")}
	sum := sha256.Sum256([]byte(file))
	places = append(places, filepath.Join(ownFolder(), hex.EncodeToString(sum[:8])+".sock"))
	fit := places[:0]
	for _, place := range places {
		if len(place) <= longestSocket {
			fit = append(fit, place)
		}
	}
	return fit
}

// ownFolder returns a folder that only this user can write to, if they have one.
func ownFolder() string {
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		return filepath.Join(runtime, "taskvisor")
	}
	return filepath.Join(os.TempDir(), "taskvisor-"+strconv.Itoa(os.Getuid()))
}

// makeOwnFolder makes the folder. If others can write to it, or it belongs to someone else, it is not trusted.
func makeOwnFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !isOwn(info) {
		return &os.PathError{Op: "use", Path: folder, Err: errNotOwn}
	}
	return nil
}
