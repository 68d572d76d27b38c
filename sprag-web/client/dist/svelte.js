import{a as t}from"./shared-BDUYTMQU.js";import"./shared-62ZMTVRK.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
