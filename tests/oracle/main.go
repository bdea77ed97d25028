// A second opinion on the audit log, by code of others: golang.org/x/mod/sumdb/tlog and note (the transparency log of
// Go's modules) and github.com/transparency-dev/formats (cosignatures of witnesses).
//
// Reads one JSON object a line, answers one a line: {"ok": …} with what was asked, or {"error": "…"}.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Do     string   `json:"do"`
	Leaves [][]byte `json:"leaves"`
	Old    int64    `json:"old"`
	New    int64    `json:"new"`
	Index  int64    `json:"index"`
	Proof  [][]byte `json:"proof"`
	Root   []byte   `json:"root"`
	Was    []byte   `json:"was"`
	Leaf   []byte   `json:"leaf"`
	Note   string   `json:"note"`
	Key    string   `json:"key"`
	Tile   string   `json:"tile"`
	Path   [3]int64 `json:"path"`
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			out.Encode(map[string]string{"error": err.Error()})
			continue
		}
		value, err := answer(r)
		if err != nil {
			out.Encode(map[string]string{"error": err.Error()})
		} else {
			out.Encode(map[string]any{"ok": value})
		}
	}
}

func answer(r request) (any, error) {
	switch r.Do {
	case "root":
		hashes := stored(r.Leaves)
		root, err := tlog.TreeHash(int64(len(r.Leaves)), hashes)
		return append([]byte{}, root[:]...), err
	case "prove_inclusion":
		proof, err := tlog.ProveRecord(int64(len(r.Leaves)), r.Index, stored(r.Leaves))
		return hashesOf(proof), err
	case "prove_consistency":
		proof, err := tlog.ProveTree(int64(len(r.Leaves)), r.Old, stored(r.Leaves))
		return hashesOf(proof), err
	case "check_inclusion":
		err := tlog.CheckRecord(proofOf(r.Proof), r.New, hash(r.Root), r.Index, tlog.RecordHash(r.Leaf))
		return err == nil, err
	case "check_consistency":
		err := tlog.CheckTree(proofOf(r.Proof), r.New, hash(r.Root), r.Old, hash(r.Was))
		return err == nil, err
	case "open_note":
		verifier, err := note.NewVerifier(r.Key)
		if err != nil {
			return nil, err
		}
		opened, err := note.Open([]byte(r.Note), note.VerifierList(verifier))
		if err != nil {
			return nil, err
		}
		tree, err := tlog.ParseTree([]byte(r.Tile + opened.Text))
		if err != nil {
			return opened.Text, nil
		}
		return tree.N, nil
	case "open_cosignature":
		verifier, err := fnote.NewVerifierForCosignatureV1(r.Key)
		if err != nil {
			return nil, err
		}
		opened, err := note.Open([]byte(r.Note), note.VerifierList(verifier))
		if err != nil {
			return nil, err
		}
		return opened.Text, nil
	case "tile_path":
		return tlog.Tile{H: 8, L: int(r.Path[0]), N: r.Path[1], W: int(r.Path[2])}.Path(), nil
	}
	return nil, fmt.Errorf("the oracle knows no %q", r.Do)
}

func stored(leaves [][]byte) tlog.HashReaderFunc {
	var all []tlog.Hash
	read := func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = all[index]
		}
		return found, nil
	}
	for n, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(n), leaf, tlog.HashReaderFunc(read))
		if err != nil {
			panic(err)
		}
		all = append(all, hashes...)
	}
	return read
}

func hash(b []byte) (h tlog.Hash) { copy(h[:], b); return }

func proofOf(parts [][]byte) (p []tlog.Hash) {
	for _, part := range parts {
		p = append(p, hash(part))
	}
	return
}

func hashesOf(proof []tlog.Hash) [][]byte {
	found := make([][]byte, len(proof))
	for i := range proof {
		found[i] = append([]byte{}, proof[i][:]...)
	}
	return found
}
